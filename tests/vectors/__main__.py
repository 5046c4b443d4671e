"""Write ``geometry.json``, ``codebook.json`` and ``matching.json`` of ``patterns/vectors`` anew.

Run ``python -m tests.vectors`` after a deliberate change of what the library answers or of the cases.
"""

from tests.vectors import codebook_cases, geometry_cases, matching_cases
from tests.vectors.writing import FOLDER, text_of

DOCUMENTS = {
    "geometry.json": geometry_cases.document,
    "codebook.json": codebook_cases.document,
    "matching.json": matching_cases.document,
}

if __name__ == "__main__":
    for name, document in DOCUMENTS.items():
        (FOLDER / name).write_text(text_of(document()), encoding="utf-8")
