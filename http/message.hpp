// One HTTP request and its answer as the handlers see them: no Beast, no socket.
#pragma once

#include "protocol/rest/rest.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::http {

enum class method { get, head, post, put, del, patch, options, other };

using headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  method verb = method::other;
  std::string path; // decoded, without the query
  protocol::rest::query query;
  headers fields; // names in lower case
  std::string body;
  std::string peer; // numeric address
  bool loopback = false;
  bool tls = false;
  bool upgrade = false; // asks for a WebSocket

  std::string_view header(std::string_view name) const { // in lower case; the first one
    for (const auto& [key, text] : fields)
      if (key == name) return text;
    return {};
  }
  std::string_view argument(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view{} : std::string_view{found->second};
  }
};

struct http_response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  headers fields;
  std::string file{}; // a path: its content is the body. Gone meanwhile: 404
};

} // namespace strowger::http
