"""helpers.models: what each public function takes."""

import torch

from helpers.models.attention import MultiHeadAttention
from helpers.models.block import CrossBlock, TransformerBlock
from helpers.models.forecast import ChangeForecast, GruForecaster, Linear, Naive, SeasonalNaive, TransformerForecaster
from helpers.models.letters import Alphabet, Reader, Writer
from helpers.models.pieces import BlockWithout, RingAdder
from helpers.models.positions import Embeddings
from helpers.models.recurrent_layers import Recurrent
from helpers.models.recurrent_translator import RecurrentTranslator
from helpers.models.ring import RingReader
from helpers.models.text import Classifier, Embedded, LanguageModel, Translator
from helpers.models.transformer import Decoder, Encoder, EncoderDecoder, TransformerConfig
from helpers.models.vision import SmallCNN, VisionConfig, VisionTransformer
from tests.arguments import Choice, Is, N, R, T, Words, call, made


def mask(query, key, fine=()):
    """Who may attend to whom."""
    fine = ("axis too few", "axis too many", "no axis", *fine)  # a mask may leave out axes
    return T(
        f"{query} {key}", dtype=torch.bool, optional=True, wrong={"nothing allowed": lambda right: ~right}, fine=fine
    )


def lengths(axis, longest, **rest):
    """How many of each row are real: at least one each."""
    return made(
        lambda sizes: torch.full((sizes.of(axis),), sizes.of(longest)),
        wrong={
            "text": "text", "decimals": lambda right: right + 0.5, "bools": lambda right: right > 0, "number": 3,
            "too long": lambda right: right + 99, "empty": lambda right: right * 0,
            "one too many": lambda right: torch.cat([right, right]), "two axes": lambda right: right[None],
        },
        **rest,
    )  # fmt: skip


CONFIG = Is(
    TransformerConfig(d_model=4, n_heads=2, n_layers=2, d_ff=6),
    wrong={"dict": {"d_model": 4}, "number": 4, "class": TransformerConfig},
)
D = {"d_model": 4}  # of CONFIG


def x(axes="batch seq d_model", **rest):
    return T(axes, **rest)


KIND = Choice(("rnn", "gru", "lstm"))
CELL = {"x": T("batch d_input"), "h": T("batch d_hidden")}


def even(sizes):
    sizes["n_heads"] = 2
    sizes["d_model"] = 4
    return 2


heads = made(
    even,
    wrong={
        "no divisor": 3,
        "zero": 0,
        "negative": -2,
        "text": "2",
        "decimal": 2.5,
        "float": 2.0,
        "bool": True,
        "huge": 10**15,
    },
)
flat = {
    "W_in": T("3*d_model d_model"),
    "b_in": T("3*d_model"),
    "W_out": T("d_model d_model", loose=()),
    "b_out": T("d_model"),
}
P = made(
    lambda s: {
        "W_in": torch.randn(12, 4), "b_in": torch.randn(12), "W_out": torch.randn(4, 4), "b_out": torch.randn(4),
        "norm_1_weight": torch.randn(4), "norm_1_bias": torch.randn(4), "norm_2_weight": torch.randn(4),
        "norm_2_bias": torch.randn(4), "W_1": torch.randn(6, 4), "b_1": torch.randn(6), "W_2": torch.randn(4, 6),
        "b_2": torch.randn(4),
    },
    wrong={
        "list": [], "empty": {}, "text": "p", "no dict": torch.ones(2),
        "one missing": lambda right: {name: part for name, part in right.items() if name != "W_2"},
        "one wrong": lambda right: right | {"b_1": torch.ones(5)},
        "one no tensor": lambda right: right | {"b_1": [1.0] * 6},
    },
)  # fmt: skip
N_IDS = 7

CALLS = {
    "models.attention.softmax": call(scores=T("... query_pos key_pos", loose=("query_pos", "key_pos"), fine=("axis too few", "doubles"), wrong={"nothing": torch.ones(2, 0)})),
    "models.attention.scaled_dot_product_attention": call(
        query=T("query_pos d_key", loose=("query_pos",), fine=("axis too many",)),
        key=T("key_pos d_key", fine=("axis too many",)),
        value=T("key_pos d_value", loose=("d_value",), fine=("axis too many",)),
        mask=mask("query_pos", "key_pos"),
    ),
    "models.attention.causal_mask": call(n=N()),
    "models.attention.window_mask": call(n=N(), back=N(0, huge=False), ahead=N(0, huge=False)),
    "models.attention.padding_mask": call(lengths=lengths("batch", "seq", fine=("one too many",)), n=N(size="seq", wrong={"too short": 0})),
    "models.attention.causal_attention": call(
        query=T("seq d_key", fine=("axis too many",)), key=T("seq d_key", fine=("axis too many",)),
        value=T("seq d_value", loose=("d_value",), fine=("axis too many",)),
    ),
    "models.attention.split_heads": call(n_heads=heads, x=x(loose=("batch", "seq"), fine=("whole numbers", "bools", "complex", "doubles"))),
    "models.attention.merge_heads": call(x=T("batch head seq d_head", loose=("batch", "head", "seq", "d_head"), fine=("whole numbers", "bools", "complex", "doubles"))),
    "models.attention.multi_head_attention": call(n_heads=heads, x=x(loose=("batch", "seq")), **flat, mask=mask("seq", "seq")),
    "models.attention.cross_attention": call(
        decoder=T("batch target_pos d_model", loose=("target_pos",)), encoder=T("batch source_pos d_model", loose=("source_pos",)),
        W_q=T("d_key d_model"), W_k=T("d_key d_model"), W_v=T("d_value d_model", loose=("d_value",)),
        mask=mask("target_pos", "source_pos"),
    ),
    "models.attention.MultiHeadAttention": call(d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0, "negative": -4, "bool": True, "decimal": 4.5}), n_heads=heads),
    "models.attention.MultiHeadAttention.forward": call(_sizes={"d_model": 4}, _of=lambda s: MultiHeadAttention(4, 2), query=T("batch query_pos d_model", loose=("query_pos",)),
        key=T("batch key_pos d_model"), value=T("batch key_pos d_model"), mask=mask("query_pos", "key_pos"),
    ),
    "models.block.transformer_block": call(n_heads=heads, x=x(loose=("batch", "seq")), p=P),
    "models.block.TransformerBlock": call(d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0, "negative": -4}), n_heads=heads, d_ff=N()),
    "models.block.TransformerBlock.forward": call(_sizes={"d_model": 4}, _of=lambda s: TransformerBlock(4, 2, 6), x=x(loose=("batch", "seq")), mask=mask("seq", "seq")),
    "models.block.CrossBlock": call(d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0, "negative": -4}), n_heads=heads, d_ff=N()),
    "models.block.CrossBlock.forward": call(_sizes={"d_model": 4}, _of=lambda s: CrossBlock(4, 2, 6), x=x(loose=("seq",)), source=T("batch source_pos d_model", loose=("source_pos",)),
    ),
    "models.dependence.dependence": call(
        _sizes={"d_model": 4},
        model=made(lambda s: Encoder(TransformerConfig(4, 2, 1, 6)), wrong={"number": 3, "text": "encoder"}),
        x=T("seq d_model", loose=("seq",)),
        mask=mask("seq", "seq"),
    ),
    "models.dependence.blocks_needed": call(mask=T("n n", dtype=torch.bool), depth=N(huge=False)),
    "models.forecast.Naive.forward": call(lambda s: Naive(), windows=T("windows length features", loose=("windows", "length", "features"), fine=("doubles",))),
    "models.forecast.SeasonalNaive": call(season=N(huge=False), horizon=N(huge=False)),
    "models.forecast.SeasonalNaive.forward": call(lambda s: SeasonalNaive(2, 1), windows=T("windows length features", least={"length": 2}, loose=("windows", "length", "features"), fine=("doubles",))),
    "models.forecast.Linear": call(length=N(), n_features=N()),
    "models.forecast.GruForecaster": call(n_features=N(), d_hidden=N()),
    "models.forecast.GruForecaster.forward": call(lambda s: GruForecaster(s.of("features")), x=T("windows length features", loose=("windows", "length"))),
    "models.forecast.TransformerForecaster": call(length=N(), n_features=N(), config=Is(None, optional=True, wrong={"number": 3, "dict": {}, "text": "small"})),
    "models.forecast.TransformerForecaster.forward": call(lambda s: TransformerForecaster(s.of("length"), s.of("features")), x=T("windows length features", loose=("windows",))),
    "models.forecast.ChangeForecast": call(network=Is(torch.nn.Identity(), wrong={"number": 3, "text": "GRU"}), n_features=N()),
    "models.forecast.ChangeForecast.forward": call(lambda s: ChangeForecast(Linear(s.of("length"), s.of("features")), s.of("features")), windows=T("windows length features", loose=("windows", "length"), fine=("doubles",))),
    "models.forecast.relative": call(windows=T("windows length features", loose=("windows", "length", "features"), fine=("doubles",))),
    "models.generate.generate": call(
        model=Is(lambda ids, cache: torch.zeros(*ids.shape, N_IDS), wrong={"number": 3, "text": "model", "gives no logits": lambda right: lambda ids, cache: None}),
        start=T("batch seq", below="7", fine=("beyond", "negative"), loose=("batch", "seq")), n=N(huge=False), temperature=R(least=0), top_k=N(optional=True, huge=False),
        end=N(0, optional=True, huge=False, fine=("huge",)),
        cached=Is(False, fine=("None",)),
    ),
    "models.generate.choose": call(logits=T("batch n_tokens", loose=("batch", "n_tokens"), fine=("doubles",), wrong={"NaN": torch.full((2, 3), torch.nan), "nothing": torch.ones(2, 0), "infinity": torch.full((2, 3), -torch.inf)}), temperature=R(least=0), top_k=N(optional=True, huge=False)),
    "models.heads.word_positions": call(tokens=Words("seq", exact=False)),
    "models.heads.neighbour": call(offset=N(-3, huge=False, fine=("too small",))),
    "models.heads.rest": call(tokens=Words("seq", exact=False)),
    "models.heads.links": call(pairs=Is("big dog, red dog", wrong={"number": 3, "one word": "dog", "three words": "big red dog", "empty": "", "list": ["big dog"]})),
    "models.heads.at_distance": call(job=Is(lambda tokens: [], wrong={"text": "big dog", "number": 3}), least=N(0, huge=False), most=made(lambda s: 99, wrong={"text": "9", "less than least": -1, "NaN": float("nan")})),
    "models.heads.head_scores": call(
        readings=made(lambda s: [(["a", "b"], torch.rand(2, 3, 2, 2))], wrong={"text": "text", "number": 3, "nothing": [], "no pairs": [1, 2], "other tokens": [(["a", "b", "c"], torch.rand(2, 3, 2, 2))]}),
        jobs=Is(lambda tokens: [(1, 0)], wrong={"text": "big dog", "number": 3, "too many": lambda right: [right, right], "no pair": lambda right: lambda tokens: []}),
    ),
    "models.heads.best_head": call(scores=T("layer head", loose=("layer", "head"), fine=("doubles",), wrong={"NaN": torch.full((2, 3), torch.nan), "nothing": torch.ones(0, 2)})),
    "models.letters.Alphabet": call(texts=Words("n", exact=False, wrong={"nothing": [], "empty": [""]}), at_least=made(lambda s: 1, wrong={"text": "1", "zero": 0, "decimal": 1.5, "bool": True})),
    "models.letters.Alphabet.unseen": call(lambda s: Alphabet(["abc"]), text=Is("abd", wrong={"number": 3, "list": ["abd"]})),
    "models.letters.Alphabet.encode": call(lambda s: Alphabet(["abc"]), texts=Words("n", exact=False, wrong={"nothing": [], "an empty one": ["a", ""]})),
    "models.letters.Alphabet.decode": call(lambda s: Alphabet(["abc"]), ids=T("seq", below="5", loose=("seq",))),
    "models.letters.Reader": call(kind=KIND, n_symbols=N(), n_classes=N(), d_letter=N(), d_hidden=N()),
    "models.letters.Reader.forward": call(lambda s: Reader("gru", N_IDS, 3, 4, 4), ids=T("batch seq", below="7", loose=("seq",)), lengths=lengths("batch", "seq")),
    "models.letters.Writer": call(d_input=N(), n_symbols=N(), d_letter=N(), d_hidden=N()),
    "models.letters.Writer.start": call(lambda s: Writer(s.of("d_input"), N_IDS, 4, 4), x=T("batch d_input", loose=("batch",))),
    "models.letters.Writer.forward": call(lambda s: Writer(s.of("d_input"), N_IDS, 4, 4), x=T("batch d_input"), ids=T("batch seq", below="7", loose=("seq",))),
    "models.letters.Writer.step": call(lambda s: Writer(2, N_IDS, 4, 4), ids=T("batch", below="7"), h=T("batch 4")),
    "models.pieces.BlockWithout": call(piece=Choice(("attention", "MLP", "residual", "norm"), optional=True), d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0}), n_heads=heads, d_ff=N()),
    "models.pieces.BlockWithout.forward": call(_sizes={"d_model": 4}, _of=lambda s: BlockWithout("norm", 4, 2, 6), x=x(loose=("batch", "seq"))),
    "models.pieces.leave_out_": call(
        encoder=made(lambda s: Encoder(TransformerConfig(4, 2, 1, 6, norm_first=True)), wrong={"post-norm": Encoder(TransformerConfig(4, 2, 1, 6)), "number": 3, "text": "x"}),
        piece=Choice(("attention", "MLP", "residual", "norm"), optional=True),
    ),
    "models.pieces.RingAdder": call(without=Choice(("attention", "MLP", "residual", "norm"), optional=True), d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0}), n_heads=heads, n_layers=N(), n_places=N(), n_letters=N()),
    "models.pieces.RingAdder.forward": call(lambda s: RingAdder(n_places=8, n_letters=7), letters=T("batch 8", below="7", loose=("batch",))),
    "models.positions.sinusoidal_positions": call(n=N(), d_model=made(lambda s: 2 * s.draw(1, 3), wrong={"odd": 3, "zero": 0, "negative": -2, "text": "4", "float": 4.0, "bool": True, "huge": 10**15})),
    "models.positions.add_positions": call(x=T("batch seq d_model", loose=("batch",)), table=T("seq d_model", loose=("seq",)), start=made(lambda s: 0, wrong={"negative": -1, "too far": 5, "text": "0", "decimal": 0.5, "bool": True})),
    "models.positions.Embeddings": call(n_tokens=N(), n_positions=N(), d_model=N(), n_segments=N(0), eps=R(above=0)),
    "models.positions.Embeddings.forward": call(lambda s: Embeddings(N_IDS, s.of("seq"), 4, 2), ids=T("batch seq", below="7", loose=("batch",)), segments=T("batch seq", below="2", optional=True)),
    "models.recurrent.rnn_cell": call(**CELL, W_x=T("d_hidden d_input"), W_h=T("d_hidden d_hidden"), b=T("d_hidden")),
    "models.recurrent.lstm_cell": call(**CELL, c=T("batch d_hidden"), W_x=T("4*d_hidden d_input"), W_h=T("4*d_hidden d_hidden"), b_x=T("4*d_hidden"), b_h=T("4*d_hidden")),
    "models.recurrent.gru_cell": call(**CELL, W_x=T("3*d_hidden d_input"), W_h=T("3*d_hidden d_hidden"), b_x=T("3*d_hidden"), b_h=T("3*d_hidden")),
    "models.recurrent.unroll": call(step=Is(lambda x, state: state, wrong={"text": "step", "number": 3}), inputs=T("batch seq d_input", loose=("batch", "seq", "d_input"), fine=("axis too many", "axis too few", "whole numbers", "bools", "complex", "doubles")), state=Is(0, fine=("None",))),
    "models.recurrent.rnn_forward": call(x=T("batch seq d_input", loose=("seq",)), h0=T("batch d_hidden"), W_x=T("d_hidden d_input"), W_h=T("d_hidden d_hidden"), b=T("d_hidden")),
    "models.recurrent.last_valid": call(states=T("batch seq d_hidden", loose=("seq", "d_hidden"), fine=("whole numbers", "bools", "complex", "doubles")), lengths=lengths("batch", "seq")),
    "models.recurrent.generate": call(step=Is(lambda ids, h: (torch.zeros(len(ids), 5), h), wrong={"text": "step", "number": 3}), h0=Is(0, fine=("None",)), start=T("batch", below="5", fine=("beyond", "negative"), loose=("batch",)), n=N(0, huge=False)),
    "models.recurrent_layers.Recurrent": call(kind=KIND, d_input=N(), d_hidden=N(), n_layers=N()),
    "models.recurrent_layers.Recurrent.forward": call(
        lambda s: Recurrent("gru", s.of("d_input"), s.of("d_hidden")), x=T("batch seq d_input", loose=("seq",)),
        state=T("1 batch d_hidden", optional=True, wrong={"list": [1.0]}), lengths=lengths("batch", "seq", optional=True),
    ),
    "models.recurrent_layers.Recurrent.trace": call(
        lambda s: Recurrent("lstm", s.of("d_input"), 3), x=T("batch seq d_input", loose=("batch", "seq")),
        forced=Is({(0, 0, "forget_gate"): 0}, optional=True, wrong={
            "list": [1], "text": "forget_gate", "other gate": {(0, 0, "gate"): 1}, "too late": {(0, 99, "forget_gate"): 1}, "too short": {(0, 1): 1},
            "no gate": {3: 1}, "value": {(0, 0, "forget_gate"): 0.5}, "unit": {(0, 0, "forget_gate", 9): 1}, "words": {("a", "b", "forget_gate"): 1},
        }),
    ),
    "models.recurrent_layers.from_torch": call(layer=Is(torch.nn.GRU(2, 3, batch_first=True), wrong={"ours": Recurrent("gru", 2, 3), "text": "GRU", "linear": torch.nn.Linear(2, 3), "relu": torch.nn.RNN(2, 3, nonlinearity="relu"), "no bias": torch.nn.GRU(2, 3, bias=False)})),
    "models.recurrent_translator.RecurrentTranslator": call(n_source=N(), n_target=N(), d_model=N(), attention=Is(True, fine=("None",))),
    "models.recurrent_translator.RecurrentTranslator.forward": call(lambda s: RecurrentTranslator(N_IDS, 5, 4, True), source=T("batch source_pos", below="7", loose=("source_pos",)), lengths=lengths("batch", "source_pos"), target=T("batch target_pos", below="5", loose=("target_pos",))),
    "models.ring.RingReader": call(n_heads=heads, d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0}), n_places=N(), n_letters=N()),
    "models.ring.RingReader.forward": call(lambda s: RingReader(2, 4, s.of("place"), 7), letters=T("batch place", below="7", loose=("batch",))),
    "models.text.next_token_loss": call(
        logits=T("batch seq 5", least={"seq": 2}, loose=("5",), fine=("doubles",)), ids=T("batch seq", below="5"), pad=made(lambda s: 9, wrong={"text": "0", "decimal": 0.5, "bool": True, "tensor": torch.ones(2)}),
    ),
    "models.text.Embedded": call(n_tokens=N(), n_positions=N(), d_model=N(), spread=R(least=0)),
    "models.text.Embedded.forward": call(lambda s: Embedded(N_IDS, s.of("seq"), 4), ids=T("batch seq", below="7", loose=("batch",)), start=made(lambda s: 0, wrong={"negative": -1, "too far": 9, "text": "0"})),
    "models.text.Classifier": call(n_tokens=N(), n_positions=N(), n_classes=N(), config=CONFIG),
    "models.text.Classifier.forward": call(lambda s: Classifier(N_IDS, 9, 3, CONFIG.value), ids=T("batch seq", below="7", loose=("seq",)), lengths=lengths("batch", "seq")),
    "models.text.LanguageModel": call(n_tokens=N(), n_positions=N(), config=CONFIG),
    "models.text.LanguageModel.forward": call(lambda s: LanguageModel(N_IDS, s.of("seq"), CONFIG.value), ids=T("batch seq", below="7", loose=("batch",))),
    "models.text.Translator": call(n_source=N(), n_target=N(), n_positions=N(), config=CONFIG),
    "models.text.Translator.forward": call(lambda s: Translator(N_IDS, 5, 9, CONFIG.value), source=T("batch source_pos", below="7", loose=("source_pos",)), lengths=lengths("batch", "source_pos"), target=T("batch target_pos", below="5", loose=("target_pos",))),
    "models.text.Translator.query_key": call(lambda s: Translator(N_IDS, 5, 9, CONFIG.value), source=T("batch source_pos", below="7", loose=("source_pos",)), lengths=lengths("batch", "source_pos"), target=T("batch target_pos", below="5", loose=("target_pos",))),
    "models.through_time.state_jacobian": call(states=T("seq d_hidden", loose=("seq",)), W_h=T("d_hidden d_hidden"), k=made(lambda s: 0, wrong={"negative": -1, "too late": 99, "text": "0", "decimal": 0.5, "bool": True})),
    "models.through_time.truncated_gradient": call(x=T("seq d_input", loose=("seq",)), W_x=T("d_hidden d_input"), W_h=T("d_hidden d_hidden"), b=T("d_hidden"), cut=made(lambda s: 0, wrong={"negative": -1, "too late": 99, "text": "0", "decimal": 0.5, "bool": True})),
    "models.through_time.gradient_norms": call(recurrent=made(lambda s: Recurrent("lstm", s.of("d_input"), 3), wrong={"torch's": torch.nn.GRU(2, 3), "text": "gru"}), x=T("seq d_input", loose=("seq",))),
    "models.through_time.orthogonal_init_": call(recurrent=made(lambda s: Recurrent("lstm", 2, 3), wrong={"torch's": torch.nn.GRU(2, 3), "text": "gru"}), gain=R(above=0)),
    "models.through_time.chrono_init_": call(recurrent=made(lambda s: Recurrent("lstm", 2, 3), wrong={"torch's": torch.nn.GRU(2, 3), "text": "gru", "plain": Recurrent("rnn", 2, 3)}), longest=R(above=1)),
    "models.transformer.TransformerConfig": call(d_model=made(lambda s: 4, wrong={"text": "4", "zero": 0, "float": 4.0, "bool": True}), n_heads=heads, n_layers=N(), d_ff=N(), norm_first=Is(False, fine=("None",)), eps=R(above=0)),
    "models.transformer.Encoder": call(config=CONFIG),
    "models.transformer.Encoder.forward": call(_sizes={"d_model": 4}, _of=lambda s: Encoder(CONFIG.value), x=x(loose=("batch", "seq")), mask=mask("seq", "seq")),
    "models.transformer.Encoder.query_key": call(_sizes={"d_model": 4}, _of=lambda s: Encoder(CONFIG.value), _also=(IndexError,), x=x(loose=("batch", "seq")), layer=N(most="2"), head=N(most="2")),
    "models.transformer.Decoder": call(config=CONFIG),
    "models.transformer.Decoder.forward": call(_sizes={"d_model": 4}, _of=lambda s: Decoder(CONFIG.value), x=x(loose=("batch", "seq")), mask=mask("seq", "seq", fine=("nothing allowed",))),
    "models.transformer.EncoderDecoder": call(config=CONFIG),
    "models.transformer.EncoderDecoder.forward": call(_sizes={"d_model": 4}, _of=lambda s: EncoderDecoder(CONFIG.value), source=T("batch source_pos d_model", loose=("source_pos",)), target=T("batch target_pos d_model", loose=("target_pos",))),
    "models.transformer.EncoderDecoder.decode": call(_sizes={"d_model": 4}, _of=lambda s: EncoderDecoder(CONFIG.value), target=T("batch target_pos d_model", loose=("target_pos",)), read=T("batch source_pos d_model", loose=("source_pos",))),
    "models.vision.patchify": call(image=T("batch channel 4 6", loose=("batch", "channel"), fine=("whole numbers", "bools", "complex", "doubles")), patch=Is(2, wrong={"no divisor": 3, "zero": 0, "negative": -2, "text": "2", "float": 2.0, "bool": True, "huge": 10**15})),
    "models.vision.unpatchify": call(
        patches=T("batch 6 12", loose=("batch",), fine=("whole numbers", "bools", "complex", "doubles")), patch=Is(2, wrong={"no divisor": 3, "zero": 0, "negative": -2, "text": "2", "float": 2.0, "bool": True, "huge": 10**15}),
        height=Is(4, wrong={"zero": 0, "text": "4", "float": 4.0}), width=Is(6, wrong={"zero": 0, "text": "6", "float": 6.0}),
    ),
    "models.vision.grid_size": call(image=T("4 6", fine=("axis too many", "whole numbers", "bools", "complex", "doubles", "4 too long", "6 too long", "numpy")), patch=Is(2, wrong={"no divisor": 3, "zero": 0, "text": "2", "float": 2.0, "bool": True, "huge": 10**15})),
    "models.vision.patch_embed": call(image=T("batch channel 4 6", loose=("batch",)), weight=T("d_model channel 2 2"), bias=T("d_model")),
    "models.vision.VisionConfig": call(height=Is(8, wrong={"text": "8", "zero": 0, "float": 8.0, "bool": True}), width=Is(8, wrong={"text": "8", "zero": 0, "float": 8.0}), n_channels=N(), patch=Is(2, wrong={"no divisor": 3, "zero": 0, "text": "2", "float": 2.0}), n_classes=N(), position_std=R(least=0), encoder=CONFIG),
    "models.vision.VisionTransformer": call(config=Is(VisionConfig(), wrong={"dict": {}, "number": 3, "another": CONFIG.value})),
    "models.vision.VisionTransformer.forward": call(lambda s: VisionTransformer(VisionConfig(4, 4, 1, 2, 3)), image=T("batch 1 4 4", loose=("batch",))),
    "models.vision.SmallCNN": call(n_channels=N(), height=N(4), width=N(4), n_classes=N(), n_filters=N()),
    "models.vision.SmallCNN.forward": call(lambda s: SmallCNN(1, 8, 8, 3, 2), image=T("batch 1 8 8", loose=("batch",))),
    "models.words.tokenize": call(text=Is("big dogs", wrong={"number": 3, "list": ["big"]}), ids=Is({"big": 0}, wrong={"number": 3})),
    "models.words.word_pieces": call(word=Is("big", wrong={"number": 3, "list": ["big"]}), ids=Is({"big": 0}, wrong={"number": 3})),
    "models.words.cosine": call(x=T("... d"), y=T("... d")),
    "models.words.nearest": call(vector=T("d"), table=T("word d", loose=("word",), wrong={"NaN": lambda right: torch.cat([right[:1] * torch.nan, right])}), k=N(most="word")),
    "models.words.neighbours": call(table=T("word d", least={"word": 3}, loose=("word", "d"), fine=("doubles",)), word=N(0, most="word-1"), k=N(most="word-1")),
    "models.words.analogy": call(table=T("word d", least={"word": 5}, loose=("word", "d"), fine=("doubles",)), a=N(0, most="word-1"), b=N(0, most="word-1"), c=N(0, most="word-1"), k=N(most="word-3")),
    "models.words.principal_plane": call(x=T("point d", least={"point": 3, "d": 2}, loose=("point", "d"), fine=("doubles",), wrong={"NaN": torch.full((4, 3), torch.nan)})),
}  # fmt: skip
