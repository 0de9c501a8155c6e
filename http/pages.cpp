#include "http/handlers.hpp"

#include "observe/metrics.hpp"

namespace strowger::http::handlers {

using protocol::value;

void health(const exchange_ptr& x) {
  value out{value::object{}};
  out.set("status", "ok")
      .set("version", x->opt().version)
      .set("uptime_ms", std::max<time_ms>(0, x->shared->now() - x->shared->started_at));
  x->reply(out);
}

void ready(const exchange_ptr& x) {
  const bool yes = x->shared->serving();
  value out{value::object{}};
  out.set("status", yes ? "ready" : x->shared->draining ? "draining" : "starting");
  x->reply(out, yes ? 200 : 503, yes ? headers{} : headers{{"Retry-After", "1"}});
}

void metrics_page(const exchange_ptr& x) {
  http_response out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = metrics::render();
  x->send(std::move(out));
}

void page(const exchange_ptr& x) {
  const auto* file = x->shared->files.find(x->request.path);
  if (!file) return x->refuse({errc::not_found, {}, 0});
  http_response out;
  out.content_type = file->content_type;
  out.fields.emplace_back("ETag", file->etag);
  out.fields.emplace_back(
      "Cache-Control", file->immutable_name ? "public, max-age=31536000, immutable" : "no-cache");
  add_page_headers(out.fields, x->request);
  const auto known = x->request.header("if-none-match");
  if (known.find(file->etag) != known.npos || known == "*")
    out.status = 304;
  else
    out.body = file->body;
  x->send(std::move(out));
}

} // namespace strowger::http::handlers
