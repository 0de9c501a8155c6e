// Every route, declared once. docs/openapi.yaml is held against this table by a test.
#pragma once

#include "http/authenticate.hpp"
#include "http/exchange.hpp"

#include <span>
#include <string>
#include <string_view>

namespace strowger::http {

// A body, events, a WebSocket, a slave's, Engine.IO.
enum class shape { answer, events, socket, link, engine };

struct route {
  method verb;
  std::string_view pattern; // "/a/{name}/b"; a last "{name}" of /assets takes the rest
  access rule;
  bool needs_hub; // 503 while starting or draining
  std::size_t body_bytes_max;
  void (*handle)(const exchange_ptr&); // null for streams and sockets
  shape kind = shape::answer;
  bool webrtc = false; // 403 when features.webrtc.enabled is off
  std::string_view takes = "application/json"; // 415 for other bodies
};

std::span<const route> routes();

struct route_match {
  const route* found = nullptr;
  std::string allowed; // methods of this path, "GET, HEAD, ..."; empty: no such path
  std::map<std::string, std::string, std::less<>> parameters;
};

// HEAD finds the GET route. `path` is decoded.
route_match match(method verb, std::string_view path);

std::string_view name_of(method verb);

} // namespace strowger::http
