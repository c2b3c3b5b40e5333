// tokenizer_file.h - the files in which models' tokenizers are published.
//
//   mill::Tokenizer tokenizer(mill::read_tokenizer_file("tekken.json"));
//
// Read are
//
//   tekken.json       Mistral's
//   tokenizer.json    Hugging Face's, if it is a byte-level BPE whose text is
//                     cut by a pattern that text_pieces.h has (Llama 3, Qwen 2
//                     to 3.5, gpt-oss, GPT-2), in NFC or as it is
//   tokenizer.model   tiktoken's lines of "BASE64 RANK", which say nothing of
//                     the pattern: those of Llama 3 and 4, of Qwen and OpenAI's,
//                     known by their SHA-256
//
// and, as they join characters rather than bytes,
//
//   tokenizer.model   SentencePiece's, if it is a BPE with bytes for other
//                     characters that changes no text but its spaces: those of
//                     Gemma, Llama 2, Mistral 7B (v1 to v3)
//   tokenizer.json    Hugging Face's of the same models
//
// and any other is refused, with the reason, rather than counted nearly right.
// What a file adds to its vocabulary, special or not, counts as the text that
// it is, and what it puts before or after a text is left out. But the symbols
// of a SentencePiece model's user, of which Gemma has line feeds and HTML, are
// one token each, and the space before each text is counted where there is one.
#pragma once

#include <string>
#include <string_view>

#include "lib/tokens/tokenizer.h"

namespace mill {

// Throws Exit: EX_NOINPUT if it cannot be opened, EX_DATAERR if it is refused.
// The model's name is the file's, and 12 digits of its SHA-256:
// "tekken.json@0123456789ab".
TokenizerModel read_tokenizer_file(const std::string& path);

// The same of a file's bytes, without a name. Throws std::runtime_error that
// says why it is refused.
TokenizerModel parse_tokenizer(std::string_view bytes);

}  // namespace mill
