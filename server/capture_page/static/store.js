// What must survive a reload, in IndexedDB: the device with its key, and presses that are not answered yet.
// A CryptoKey is kept as the object it is; nobody can read the key out of it. Where the browser gives a page
// no database (some private windows), memory does for as long as the page is open.
const memory = new Map();

function database(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("stamp", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const work = opening.result.transaction("kept", mode);
      const asked = act(work.objectStore("kept"));
      work.oncomplete = () => (opening.result.close(), resolve(asked.result));
      work.onabort = () => (opening.result.close(), reject(work.error));
    };
  });
}

const store = {
  get: (name) => database("readonly", (kept) => kept.get(name)).catch(() => memory.get(name)),
  put: (name, value) => database("readwrite", (kept) => kept.put(value, name)).catch(() => memory.set(name, value)),
  drop: (name) => database("readwrite", (kept) => kept.delete(name)).catch(() => memory.delete(name)),
  all: (prefix) =>
    database("readonly", (kept) => kept.getAll(IDBKeyRange.bound(prefix, prefix + "\uffff"))).catch(() =>
      [...memory].filter(([name]) => name.startsWith(prefix)).map(([, value]) => value)),
};
