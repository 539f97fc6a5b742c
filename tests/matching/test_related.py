"""What near texts say: additive, the same for every order and cut, and of no student."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from consortium.matching import related
from consortium.matching.pipeline import Prepared, explain, match, prepare
from consortium.matching.related import Related, largest, nearest
from consortium.matching.terms import stem, unit, whole_words, words
from consortium.matching.vocabulary import FAMILIES, Vocabulary
from consortium.reference import occupations
from tests.matching import games

TITLES = (("设备维修工", "6-31-01-01"), ("机修钳工", "6-31-01-02"), ("护士", "2-05-08-01"), ("护理员", "4-14-01-02"))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 9), st.integers(1, 10), st.integers(0, 10**6))
def test_the_nearest_count_by_how_much_they_stand_out(n: int, m: int, k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows, texts = (sparse.csr_matrix(draw.integers(0, 3, (size, 4)).astype(float)) for size in (n, m))
    found = nearest(rows, texts.T.tocsr(), k).toarray()
    for own, got in zip((rows @ texts.T).toarray(), found, strict=True):
        edge = sorted(own, reverse=True)[k] if k < m else 0.0
        np.testing.assert_allclose(got, np.maximum(own - edge, 0))
        assert (got > 0).sum() <= k
    order = draw.permutation(m)
    np.testing.assert_array_equal(nearest(rows, texts[order].T.tocsr(), k).toarray(), found[:, order])


def test_only_the_largest_stay_and_their_equals() -> None:
    rows = sparse.csr_matrix(np.array([[1.0, 3, 2, 2], [0, 5, 0, 0], [0, 0, 0, 0]]))
    assert largest(rows, 2).toarray().tolist() == [[0, 3, 2, 2], [0, 5, 0, 0], [0, 0, 0, 0]]
    assert largest(rows, 9, least=0.5).toarray().tolist() == [[0, 3, 2, 2], [0, 5, 0, 0], [0, 0, 0, 0]]
    assert rows[0, 0] == 1, "the given rows stay as they are"


def test_between_own_and_mean_length() -> None:
    rows = sparse.csr_matrix(np.array([[1.0, 0], [0, 3.0], [0, 0]]))
    assert unit(rows).toarray().tolist() == [[1, 0], [0, 1], [0, 0]]
    np.testing.assert_allclose(unit(rows, 0.5).toarray(), [[1 / 1.5, 0], [0, 3 / 2.5], [0, 0]])


def test_a_word_nobody_shares_is_reached_through_a_post_that_uses_both() -> None:
    posts = [
        games.post("p1", title="数控车工", text="操作车床，加工零件", family="f1"),
        games.post("p2", title="零件加工", text="数控 零件 打磨", family="f2"),
        games.post("p3", title="护士", text="护理 病人", family="f3"),
    ]
    bare = {"skills": [], "certificates": [], "major": "", "major_class": "", "major_category": "", "occupations": [], "places": [], "wants_zone": None}
    one = games.problem([games.student("s1", wish="车床", text="", **bare)], posts)
    told = explain(prepare(one), "s1", "p2")
    assert told.by_family["title"] == told.by_family["wish"] == 0
    words_ = {part.term for part in told.parts if part.family == "wish_related" and part.points > 0}
    assert words_ & {"数控", "零件"}
    assert told.points == sum(part.points for part in told.parts) > 0
    assert explain(prepare(one), "s1", "p3").points == 0


def test_titles_meet_in_their_occupation() -> None:
    one = games.problem([games.student("s1", wish="机修钳工")], [games.post("p1", title="设备维修"), games.post("p2", title="护士", family="f2")])
    told = explain(prepare(one, catalogue=TITLES), "s1", "p1")
    assert "6-31-01" in {part.term for part in told.parts if part.family == "occupation" and part.points > 0}
    assert explain(prepare(one, catalogue=TITLES), "s1", "p2").by_family["occupation"] == 0
    assert explain(prepare(one), "s1", "p1").by_family["occupation"] == 0, "without a catalogue nobody votes"


def test_the_columns_keep_words_of_posts_and_nothing_of_students() -> None:
    one = games.problem([games.student(text="我的秘密爱好是集邮")], [games.post()])
    fitted = Vocabulary.fit(one.students, one.positions)
    assert not any("集邮" in word for word in fitted.related.words)
    assert not any("集" in term for term in fitted.related.terms)
    alone = Vocabulary.fit(games.problem([], [games.post()]).students, one.positions)
    assert alone.related.words == fitted.related.words


def test_an_english_column_stands_for_all_forms_of_its_word() -> None:
    assert stem("welding") == stem("welds") == stem("welded") == "weld"
    assert stem("plc") == "plc"
    texts = ["welding robots", "welding cells", "welds of robots"]
    fitted = Related.of(texts, [Counter(words(text)) for text in texts])
    assert "welding" in fitted.words
    assert "welds" not in fitted.words
    assert whole_words("") == []


def test_each_text_is_kept_once_and_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"岗位{n % 7}" for n in range(30)]
    bags = [Counter(words(text)) for text in texts]
    assert Related.of(texts, bags).counts.shape[0] == 7
    monkeypatch.setattr(related, "MOST_POSTS", 4)
    first = Related.of(texts, bags)
    assert first.counts.shape[0] == 4
    again = Related.of(texts[::-1], bags[::-1])
    assert first.terms == again.terms
    assert (first.counts != again.counts).nnz == 0


def test_frozen_it_is_the_same_from_bytes_and_for_one_row() -> None:
    one = games.random_problem(9, 45, 5)
    fitted = prepare(one, catalogue=TITLES)
    loaded = Prepared.from_bytes(fitted.to_bytes())
    assert loaded.vocabulary.terms == fitted.vocabulary.terms
    for side in (one.students, one.positions):
        whole = fitted.vocabulary.transform(side)
        assert (loaded.vocabulary.transform(side) != whole).nnz == 0
        alone = loaded.vocabulary.transform(side.take(np.array([3])))
        assert (alone != whole[[3]]).nnz == 0


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_no_cut_and_no_order_matters_with_a_catalogue_either(seed: int) -> None:
    one = games.random_problem(12, 40, seed)
    digest = match(one, catalogue=TITLES).digest
    assert match(one, catalogue=TITLES, chunk=5).digest == digest
    assert match(one, catalogue=TITLES[::-1]).digest == digest
    assert match(replace(one, seed=one.seed), catalogue=TITLES).student_points.max() <= 1_000_000


def test_the_official_catalogue_is_read_whole() -> None:
    titles = occupations.titles()
    assert len(titles) > 3_000
    assert all(title and code.count("-") == 3 for title, code in titles)
    assert set(FAMILIES) >= {"occupation", "wish_related", "text_related"}


def test_english_titles_meet_in_their_occupation_and_it_has_a_name() -> None:
    votes = related.occupations(occupations.titles())
    own, same, other = ({votes.codes[c] for c in votes.rows([Counter(words(title))]).indices} for title in ("solicitor", "conveyancing lawyer", "welder"))
    assert "GB-24-1" in own & same
    assert "GB-24-1" not in other
    assert occupations.group_name("GB-24-1") == "Legal Professionals"
    assert occupations.name("GB-24-1-3") == "Solicitors"
    assert all(occupations.name(code) != code for code in votes.codes if code.startswith("GB-"))


def test_how_rare_a_word_is_its_own_language_says() -> None:
    alone, together = related.occupations(TITLES), related.occupations((*TITLES, ("nurse", "GB-22-3-1"), ("nursing aide", "GB-61-4-1")))
    for title in ("设备维修", "护理"):
        one, both = (votes.rows([Counter(words(title))]) for votes in (alone, together))
        assert {alone.codes[c]: w for c, w in zip(one.indices, one.data, strict=True)} == {together.codes[c]: w for c, w in zip(both.indices, both.data, strict=True)}


def test_without_a_wish_all_text_is_looked_up() -> None:
    posts = [games.post("p1", title="数控车工", text="操作车床，加工零件"), games.post("p2", title="零件加工", text="数控 零件 打磨", family="f2"), games.post("p3", title="护士", text="护理", family="f3")]
    one = games.problem([games.student("s1", wish="", text="车床"), games.student("s2", wish="护士", text="车床")], posts)
    fitted = prepare(one)
    assert explain(fitted, "s1", "p2").by_family["wish_related"] > 0
    assert explain(fitted, "s2", "p2").by_family["wish_related"] == 0
