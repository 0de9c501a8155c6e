#include "http/exchange.hpp"

#include "core/fingerprint.hpp"
#include "http/ice.hpp"
#include "http/routes.hpp"
#include "observe/metrics.hpp"
#include "protocol/errors.hpp"
#include "protocol/json.hpp"

namespace strowger::http {

runtime::caller exchange::caller(std::string_view said) const {
  const auto key = request.header("idempotency-key");
  if (key.empty()) return {lane, who, {}};
  return {lane, who, command_id{key}, fingerprint_of({name_of(request.verb), request.path, said})};
}

const std::string& exchange::parameter(std::string_view name) const {
  static const std::string none;
  const auto found = parameters.find(name);
  return found == parameters.end() ? none : found->second;
}

protocol::value exchange::ice() const {
  const auto agent = who.agent.empty() ? std::string_view{who.number} : who.agent.value;
  return ice_servers(opt(), request, agent, shared->now());
}

void exchange::reply(const protocol::value& body, int status, headers extra) {
  http_response out;
  out.status = status;
  out.body = protocol::write_json(body);
  out.fields = std::move(extra);
  send(std::move(out));
}

void exchange::refuse(const failure& why) { send(problem_response(why, request.path)); }

void exchange::send(http_response response) {
  gone = nullptr;
  if (auto respond = std::exchange(respond_, nullptr)) respond(std::move(response));
}

http_response problem_response(const failure& why, std::string_view path) {
  const auto& row = protocol::row_of(why.why);
  http_response out;
  out.status = row.status;
  out.content_type = "application/problem+json";
  out.body = protocol::write_json(protocol::problem(why, path));
  if (row.status == 401) out.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"strowger\"");
  if (row.status == 503) metrics::add(metrics::counter::overload_refusals);
  if (row.status == 503 || row.status == 429 || why.retry_after_ms > 0)
    out.fields.emplace_back(
        "Retry-After", std::to_string(std::max<duration_ms>(1, (why.retry_after_ms + 999) / 1000)));
  return out;
}

} // namespace strowger::http
