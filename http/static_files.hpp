// The pages and their assets, read once at start and served from memory.
#pragma once

#include "http/message.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace strowger::http {

struct static_file {
  std::string content_type;
  std::string body;
  std::string etag;            // quoted, of the content
  bool immutable_name = false; // below /assets/: the name changes with the content
};

class static_files {
public:
  // Reads index.html (as /), check.html (as /check) and assets/ below `dir`. Files over
  // 16 MiB and anything beyond 64 MiB in all are left out with a warning; a missing folder gives
  // none. Throws nothing.
  static static_files load(const std::string& dir);

  const static_file* find(std::string_view path) const; // "/", "/check", "/assets/..."

private:
  std::map<std::string, static_file, std::less<>> files_;
};

// The headers every page and asset carries: CSP (the page's own sockets allowed), no sniffing, no
// framing, no referrer; microphone and camera for this origin only.
void add_page_headers(headers& out, const http_request& request);

} // namespace strowger::http
