"""A model of the MusicGen kind with random weights, small enough to be made in a test."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    EncodecConfig,
    EncodecFeatureExtractor,
    EncodecModel,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForCausalLM,
    MusicgenForConditionalGeneration,
    MusicgenProcessor,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

RATE = 16_000
WORDS = [
    "happy",
    "sad",
    "calm",
    "tense",
    "action",
    "music",
    "slow",
    "fast",
    "bpm",
    "piano",
    "major",
    "minor",
    "instrumental",
]


def save_tiny_musicgen(folder: Path, *, licence: str | None = "cc-by-nc-4.0") -> Path:
    torch.manual_seed(5)
    text = T5Config(
        vocab_size=64, d_model=16, d_ff=16, d_kv=8, num_layers=1, num_heads=2,
        decoder_start_token_id=0,
    )  # fmt: skip
    sound = EncodecConfig(
        sampling_rate=RATE, audio_channels=1, normalize=False, num_filters=4, hidden_size=16,
        num_residual_layers=1, upsampling_ratios=[8, 5, 4, 4], codebook_size=64, codebook_dim=16,
        target_bandwidths=[0.6], num_lstm_layers=1, chunk_length_s=None, overlap=None,
        use_causal_conv=False,
    )  # fmt: skip
    decoder = MusicgenDecoderConfig(
        vocab_size=64, hidden_size=16, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2,
        num_codebooks=4, pad_token_id=64, bos_token_id=64, eos_token_id=None, audio_channels=1,
        max_position_embeddings=4096,
    )  # fmt: skip
    model = MusicgenForConditionalGeneration(
        text_encoder=T5EncoderModel(text),
        audio_encoder=EncodecModel(sound),
        decoder=MusicgenForCausalLM(decoder),
    )
    assert isinstance(model.config, MusicgenConfig)
    for layer in model.audio_encoder.quantizer.layers:  # made as zeros, to be filled by training
        layer.codebook.embed.normal_()
    model.generation_config.decoder_start_token_id = 64
    model.generation_config.pad_token_id = 64
    model.generation_config.do_sample = True
    vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2} | {w: i + 3 for i, w in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    extractor = EncodecFeatureExtractor(feature_size=1, sampling_rate=RATE, padding_value=0.0)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    extractor.save_pretrained(folder)
    MusicgenProcessor(extractor, fast).save_pretrained(folder)
    if licence:
        (folder / "README.md").write_text(f"---\nlicense: {licence}\n---\n# Tiny\n")
    return folder
