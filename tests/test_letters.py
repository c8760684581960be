"""Letters as numbers, and the model that reads them to the end."""

import pytest
import torch
from torch.nn import functional as F

from helpers.models.letters import PADDING, UNKNOWN, Alphabet, Reader, Writer, reading_accuracy, reading_loss
from helpers.models.recurrent import generate
from helpers.training import set_seed

ALPHABET = Alphabet(["Rome", "Oslo", "Roma"])


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


def test_each_letter_has_a_number_of_its_own_and_padding_has_another():
    ids, lengths = ALPHABET.encode(["Oslo", "Rom"])
    assert len(ALPHABET) == len(set("RomeOslRoma")) + 2
    assert lengths.tolist() == [4, 3]
    assert ids[1, 3] == PADDING
    letters = [ALPHABET.letters[i - 2] for i in ids[0].tolist()]
    assert letters == ["O", "s", "l", "o"]


def test_letters_never_seen_are_one_and_can_be_named():
    ids, _ = ALPHABET.encode(["Rømø"])
    assert (ids[0] == UNKNOWN).tolist() == [False, True, False, True]
    assert ALPHABET.unseen("Rømø") == ["ø", "ø"]
    assert ALPHABET.unseen("Rome") == []


def test_rare_letters_count_as_unknown():
    assert Alphabet(["Rome", "Roma"], at_least=2).letters == ["R", "m", "o"]
    with pytest.raises(ValueError, match="no letter stands there at least 3 times"):
        Alphabet(["Rome", "Roma"], at_least=3)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["Oslo", ""], "text 1 is empty; there must be at least one letter to read"),
        ([], "at least one to read, got none"),
        ("Oslo", r"expected a list of texts such as \['Oslo'\], got one text"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(texts, sentence):
    with pytest.raises(ValueError, match=sentence):
        ALPHABET.encode(texts)


@pytest.mark.parametrize("two_way", [False, True])
@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_an_answer_does_not_depend_on_the_padding_or_on_the_company(kind, two_way):
    reader = Reader(kind, len(ALPHABET), n_classes=3, d_hidden=5, two_way=two_way).eval()
    ids, lengths = ALPHABET.encode(["Rom", "Oslo Oslo"])
    together = reader(ids, lengths)
    assert together.shape == (2, 3)
    torch.testing.assert_close(together[:1], reader(*ALPHABET.encode(["Rom"])))
    ids[0, 3:] = 4
    torch.testing.assert_close(reader(ids, lengths), together)
    assert not torch.allclose(reader(ids, torch.tensor([4, 9])), together)


def test_two_ways_read_the_first_letter_last():
    reader = Reader("gru", len(ALPHABET), n_classes=3, d_hidden=5, two_way=True)
    states, final = reader.recurrent(reader.letter(ALPHABET.encode(["Oslo"])[0]))
    torch.testing.assert_close(torch.cat([states[:, -1, :5], states[:, 0, 5:]], dim=1), torch.cat([*final], dim=1))


@pytest.mark.parametrize("lengths", [[3, 10], [0, 4], [3]])
def test_lengths_that_do_not_fit_the_batch_get_a_sentence(lengths):
    with pytest.raises(ValueError, match="lengths: "):
        Reader("rnn", len(ALPHABET), 2)(torch.ones(2, 9, dtype=torch.long), torch.tensor(lengths))


def test_a_reader_learns_and_its_accuracy_is_the_share_of_right_answers():
    names, label = ["Rome", "Roma", "Oslo", "Olso"], torch.tensor([0, 0, 1, 1])
    reader, batch = Reader("gru", len(ALPHABET), 2, d_hidden=8), (*ALPHABET.encode(names), label)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.02)
    before = reading_loss(reader, batch)
    for _ in range(20):
        optimiser.zero_grad()
        reading_loss(reader, batch).backward()
        optimiser.step()
    assert reading_loss(reader, batch) < 0.3 * before
    assert reading_accuracy(reader, batch) == 1
    assert reading_accuracy(reader, (*batch[:2], torch.tensor([0, 0, 1, 0]))) == 0.75


def test_a_writer_says_step_by_step_what_it_says_at_once():
    writer, x, ids = Writer(3, len(ALPHABET), d_hidden=5), torch.randn(2, 3), torch.tensor([[2, 3, 4], [5, 4, 2]])
    at_once, h = writer(x, ids), writer.start(x)
    for t in range(3):
        logits, h = writer.step(ids[:, t], h)
        torch.testing.assert_close(logits, at_once[:, t])


def test_a_writer_listens_to_its_vector_and_never_ahead():
    writer, x, ids = Writer(3, len(ALPHABET), d_hidden=5), torch.randn(2, 3), torch.tensor([[2, 3, 4], [5, 4, 2]])
    before = writer(x, ids)
    assert not torch.allclose(writer(x + 1, ids)[:, 0], before[:, 0])
    ids[:, 2] = 6
    assert torch.equal(writer(x, ids)[:, :2], before[:, :2])


def test_a_writer_learns_to_write_with_generate():
    texts, x = ["one", "two"], torch.eye(2)
    alphabet = Alphabet([*texts, "\n"])
    ids, _ = alphabet.encode(["\n" + text for text in texts])
    set_seed(0)
    writer = Writer(2, len(alphabet), d_hidden=16)
    optimiser = torch.optim.Adam(writer.parameters(), lr=0.03)
    for _ in range(60):
        optimiser.zero_grad()
        F.cross_entropy(writer(x, ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).backward()
        optimiser.step()
    assert torch.equal(generate(writer.step, writer.start(x), ids[:, 0], 3), ids[:, 1:])
