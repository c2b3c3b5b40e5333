// external_account.h - workload identity: a token of Google's security token
// service for one that another issuer gave.
#pragma once

#include <string_view>

#include "lib/google/credential_file.h"
#include "lib/google/token_request.h"
#include "lib/http/client.h"

namespace mill {

// The subject token comes from the file or the URL that credential_source
// names, is sent to Google's token service only and never kept: it is requested
// each time, since it is valid for minutes only. The credential file may choose
// the URL: any host by https, by plain http only loopback and 169.254.169.254.
Token exchange_token(HttpClient& http, const CredentialFile& file,
                     std::string_view scope);

}  // namespace mill
