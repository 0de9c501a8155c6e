#include "http/origin.hpp"

#include "http/url.hpp"

#include <algorithm>

namespace strowger::http {

origin_kind classify_origin(const http_request& request, const options& opt) {
  const auto origin = request.header("origin");
  if (origin.empty()) return origin_kind::none;
  if (std::ranges::find(opt.origins, origin) != opt.origins.end() && origin != "*")
    return origin_kind::listed;
  const auto host = request.header("host");
  if (is_host_header(host) && origin == (request.tls ? "https://" : "http://") + std::string{host})
    return origin_kind::own;
  if (std::ranges::find(opt.origins, "*") != opt.origins.end() && origin != "null")
    return origin_kind::any;
  return origin_kind::foreign;
}

bool cookie_may_act(const http_request& request, origin_kind from) {
  const bool reads =
      (request.verb == method::get || request.verb == method::head) && !request.upgrade;
  if (from == origin_kind::own || from == origin_kind::listed) return true;
  return reads && from == origin_kind::none;
}

bool host_is_known(const http_request& request, const options& opt) {
  const auto host = host_of(request.header("host"));
  return host == "localhost" || host == "127.0.0.1" || host == "::1" ||
         (!opt.public_host.empty() && host == opt.public_host);
}

void add_cors(headers& out, const http_request& request, const options& opt,
              std::string_view allowed_methods) {
  const auto from = classify_origin(request, opt);
  if (!opt.origins.empty()) out.emplace_back("Vary", "Origin");
  if (from == origin_kind::none || from == origin_kind::foreign) return;
  if (from == origin_kind::any) {
    out.emplace_back("Access-Control-Allow-Origin", "*");
  } else {
    out.emplace_back("Access-Control-Allow-Origin", std::string{request.header("origin")});
    out.emplace_back("Access-Control-Allow-Credentials", "true");
  }
  out.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After");
  if (allowed_methods.empty()) return;
  out.emplace_back("Access-Control-Allow-Methods", std::string{allowed_methods});
  out.emplace_back("Access-Control-Allow-Headers",
                   "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID");
  out.emplace_back("Access-Control-Max-Age", "600");
}

} // namespace strowger::http
