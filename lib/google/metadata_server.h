// metadata_server.h - the server that Google's machines and services ask about
// themselves: GCE_METADATA_HOST, else metadata.google.internal.
#pragma once

#include <string>
#include <string_view>

#include "lib/google/token_request.h"
#include "lib/http/client.h"

namespace mill {

// Tokens of the service account that is attached. Throws Exit(EX_CONFIG) where
// there is no such server, or what answers is none.
Token metadata_access_token(HttpClient& http, std::string_view scope);
Token metadata_id_token(HttpClient& http, std::string_view audience);
// Its address. Throws Exit where none is attached.
std::string metadata_email(HttpClient& http);
// The same, or words in its place, for messages; throws nothing.
std::string metadata_account(HttpClient& http);

}  // namespace mill
