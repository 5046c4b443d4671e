// What must survive a reload, in IndexedDB: the device with its key, and presses that are not answered yet.
// A CryptoKey is kept as the object it is; nobody can read the key out of it. Where the browser gives a page
// no database (some private windows), memory does for as long as the page is open.
const asked = (wish) => new Promise((resolve, reject) => {
  wish.onsuccess = () => resolve(wish.result);
  wish.onerror = () => reject(wish.error);
});

// Opened for every call: phones cut the connections of pages in the background.
async function kept(method, ...given) {
  const opening = indexedDB.open("stamp", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
  const database = await asked(opening);
  const answer = asked(database.transaction("kept", "readwrite").objectStore("kept")[method](...given));
  database.close(); // once the transaction is done
  return answer;
}

const memory = new Map();
const store = {
  get: (name) => kept("get", name).catch(() => memory.get(name)),
  put: (name, value) => kept("put", value, name).catch(() => memory.set(name, value)),
  drop: (name) => kept("delete", name).catch(() => memory.delete(name)),
  all: (prefix) => kept("getAll", IDBKeyRange.bound(prefix, prefix + "\uffff")).catch(() => []),
};
