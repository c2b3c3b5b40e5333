// trainer_profiles.h - what trainers and the smaller vendors require of one
// training example; check_example() (vendor_profiles.h) calls them by name.
#pragma once

#include "lib/examples/vendor_profiles.h"
#include "lib/json/json.h"

namespace mill {

// OpenAI's and Azure's reinforcement fine-tuning: a conversation up to the
// user's last message, and whatever a grader needs beside it.
void check_rft(JsonValue example, Findings& findings);

// Conversations, and pairs of answers in OpenAI's columns.
void check_fireworks(JsonValue example, Findings& findings);

// Amazon Bedrock: bedrock-conversation-2024; Claude's, with system on top.
void check_bedrock(JsonValue example, Findings& findings);
void check_bedrock_claude(JsonValue example, Findings& findings);

// LLaMA-Factory's two formats, each also with a pair of answers.
void check_sharegpt(JsonValue example, Findings& findings);
void check_alpaca(JsonValue example, Findings& findings);

// Axolotl's chat_template, for conversations and for pairs of answers.
void check_axolotl(JsonValue example, Findings& findings);

}  // namespace mill
