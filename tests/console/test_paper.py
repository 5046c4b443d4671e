"""Words on paper: which font has them, and that they can be read again."""

import unicodedata

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.console.charts.columns import columns
from server.console.paper import Paper, runs, width_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("온도 커피 Café 2호점", ["온도", " ", "커피", " Café 2", "호점"]),
        (unicodedata.normalize("NFD", "한강"), ["한강"]),
        ("☕\ufe0f 커피", ["□", " ", "커피"]),
        ("قهوة", ["□□□□"]),
        ("\u202e\u200b=1+1", ["=1+1"]),
        ("", []),
    ],
)
def test_each_character_is_set_in_a_font_that_has_it(text, parts):
    assert [part for _, part in runs(text)] == parts


@given(text=st.text(max_size=40))
def test_any_text_can_be_written_and_read_again(text):
    paper = Paper("제목", "ko")
    paper.write_within(40, 60, text, 12, width=200)
    paper.write_paragraph(40, 100, text, 9, width=120)
    paper.write(500, 60, "끝 end", 9, anchor="end")
    words = read(paper.finish())
    assert "끝 end" in words
    assert "\x00" not in words


def test_words_that_are_too_wide_are_cut_and_paragraphs_broken():
    long = "온도 커피 성수 " * 30
    paper = Paper("t", "ko")
    paper.write_within(40, 60, long, 12, width=200)
    paper.next_sheet()
    paper.write_paragraph(40, 60, long, 12, width=200)
    paper.draw(columns([3, 1_234], ["a", "b"], title="막대", width=200, height=80, size=9), 40, 300)
    data = paper.finish()
    cut = read(data).strip()
    assert cut.endswith("…")
    assert width_of(cut, 12) <= 200 + width_of("…", 12)
    lines = read(data, 1).splitlines()
    assert " ".join(line.strip() for line in lines).startswith(long.strip())
    assert len(lines) > 8
    assert {"막대", "1,500", "750"} <= {line.strip() for line in lines}
    assert len(data) < 8_000  # no font inside


def test_the_same_numbers_are_the_same_bytes():
    def made():
        paper = Paper("t", "en")
        paper.write(40, 40, "12 커피")
        return paper.finish()

    assert made() == made()


def read(data, number=0):
    document = pypdfium2.PdfDocument(data)
    page = document[number]
    words = page.get_textpage()
    text = words.get_text_range()
    words.close()
    page.close()
    document.close()
    return text
