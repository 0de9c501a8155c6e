#include "http/routes.hpp"

#include "http/handlers.hpp"
#include "http/url.hpp"

#include <array>

namespace strowger::http {
namespace {

namespace h = handlers;
using enum access;

constexpr auto small = limits::body_bytes_max;
constexpr auto large = limits::sdp_bytes_max;
constexpr auto engine = limits::engine_payload_bytes_max;
constexpr bool hub = true, alone = false;
constexpr auto get = method::get, post = method::post, put = method::put, del = method::del;

constexpr std::array table{
    route{get, "/health", open, alone, small, h::health},
    route{get, "/ready", open, alone, small, h::ready},
    route{get, "/metrics", operator_, alone, small, h::metrics_page},
    route{get, "/", open, alone, small, h::page},
    route{get, "/check", open, alone, small, h::page},
    route{get, "/assets/{file}", open, alone, small, h::page},

    route{post, "/api/login", open, hub, small, h::login},
    route{post, "/api/logout", token, hub, small, h::logout},
    route{post, "/api/register", newcomer, hub, small, h::register_agent},
    route{post, "/api/sessions/{id}/heartbeat", compat, hub, small, h::heartbeat},

    route{get, "/api/sessions/{id}/receipt", open, hub, small, h::seat_receipt},

    route{get, "/api/licenses", admin, hub, small, h::list_licenses},
    route{post, "/api/licenses", admin, hub, small, h::create_license},
    // The key of a license says who comes; the session looks it up.
    route{get, "/api/licenses/link", open, hub, small, nullptr, shape::link},
    route{get, "/api/licenses/key", open, hub, small, h::statement_key},
    route{get, "/api/licenses/current", token, hub, small, h::current_license},
    route{get, "/api/licenses/{id}", admin, hub, small, h::get_license},
    route{put, "/api/licenses/{id}", admin, hub, small, h::change_license},
    route{del, "/api/licenses/{id}", admin, hub, small, h::revoke_license},
    route{get, "/api/licenses/{id}/webrtc-sessions", admin, hub, small, h::license_seats},
    route{post, "/api/licenses/{id}/validate", admin, hub, small, h::validate_license},
    route{get, "/api/agents", admin, hub, small, h::list_agents},
    route{post, "/api/agents", admin, hub, small, h::create_agent},
    route{get, "/api/agents/{id}", admin, hub, small, h::get_agent},
    route{put, "/api/agents/{id}", admin, hub, small, h::change_agent},
    route{del, "/api/agents/{id}", admin, hub, small, h::remove_agent},
    route{get, "/api/agents/{id}/sip-config", token, hub, small, h::sip_config},

    route{get, "/ws", compat, hub, small, nullptr, shape::socket},
    // For the documents: requests to options.engine.path go to eio_door.hpp, whatever their method.
    route{get, "/socket.io/", open, hub, engine, nullptr, shape::engine},
    route{post, "/socket.io/", open, hub, engine, nullptr, shape::engine},
    route{get, "/protected/extensions/status", token, hub, small, h::extensions_status},
    route{get, "/protected/extensions/connected", token, hub, small, h::extensions_connected},
    route{get, "/protected/admin/stats", admin, hub, small, h::admin_stats},
    route{post, "/protected/call/initiate", token, hub, small, h::call_initiate},
    route{get, "/protected/call/history", token, hub, small, h::call_history},
    route{get, "/protected/doctor/call", token, hub, small, h::doctor_call},

    route{post, "/api/calls/{id}/recording", token, hub, small, h::record_call},
    route{get, "/api/calls/{id}/recording", token, hub, small, h::list_recordings},
    route{get, "/api/calls/{id}/recording/{name}", token, hub, small, h::get_recording},

    route{post, "/api/webrtc/session", compat, hub, small, h::open_session, shape::answer, true},
    route{get, "/api/webrtc/session/{id}", compat, hub, small, h::get_session, shape::answer, true},
    route{del, "/api/webrtc/session/{id}", compat, hub, small, h::close_session, shape::answer,
          true},
    route{get, "/api/webrtc/session/{id}/events", compat, hub, small, nullptr, shape::events, true},
    route{get, "/api/webrtc/sessions", compat, hub, small, h::list_sessions, shape::answer, true},
    route{post, "/api/webrtc/offer", compat, hub, large, h::session_offer, shape::answer, true},
    route{post, "/api/webrtc/answer", compat, hub, large, h::session_answer, shape::answer, true},
    route{post, "/api/webrtc/ice-candidate", compat, hub, small, h::session_candidate,
          shape::answer, true},
    route{post, "/api/webrtc/call", compat, hub, small, h::session_call, shape::answer, true},
    route{post, "/api/webrtc/hangup", compat, hub, small, h::session_hangup, shape::answer, true},
    route{post, "/api/webrtc/dtmf", compat, hub, small, h::session_dtmf, shape::answer, true},
    route{get, "/api/webrtc/ice-servers", compat, alone, small, h::ice_server_list, shape::answer,
          true},
    route{get, "/api/webrtc/phone-config", compat, alone, small, h::phone_config, shape::answer,
          true},
};

bool fits(std::string_view pattern, std::string_view path,
          std::map<std::string, std::string, std::less<>>& parameters) {
  parameters.clear();
  while (!pattern.empty()) {
    const auto brace = pattern.find('{');
    if (brace == pattern.npos) return pattern == path;
    if (!path.starts_with(pattern.substr(0, brace))) return false;
    path.remove_prefix(brace);
    const auto close = pattern.find('}');
    const auto name = pattern.substr(brace + 1, close - brace - 1);
    pattern.remove_prefix(close + 1);
    const bool rest = name == "file";
    const auto end = rest ? path.size() : std::min(path.find('/'), path.size());
    if (end == 0) return false;
    parameters.insert_or_assign(std::string{name}, std::string{path.substr(0, end)});
    path.remove_prefix(end);
  }
  return path.empty();
}

} // namespace

std::span<const route> routes() { return table; }

std::string_view name_of(method verb) {
  switch (verb) {
  case method::get:
    return "GET";
  case method::head:
    return "HEAD";
  case method::post:
    return "POST";
  case method::put:
    return "PUT";
  case method::del:
    return "DELETE";
  case method::patch:
    return "PATCH";
  case method::options:
    return "OPTIONS";
  case method::other:
    break;
  }
  return "OTHER";
}

route_match match(method verb, std::string_view path) {
  route_match out;
  const auto wanted = verb == method::head ? method::get : verb;
  std::map<std::string, std::string, std::less<>> parameters;
  std::string_view pattern; // the first that fits: a name in it goes before a parameter
  for (const auto& r : table) {
    if (!fits(r.pattern, path, parameters)) continue;
    if (pattern.empty()) pattern = r.pattern;
    if (r.pattern != pattern) continue;
    if (!out.allowed.empty()) out.allowed += ", ";
    out.allowed += name_of(r.verb);
    if (r.verb == method::get && r.kind == shape::answer) out.allowed += ", HEAD";
    const bool streams = r.kind != shape::answer && verb == method::head;
    if (r.verb == wanted && !out.found && !streams) {
      out.found = &r;
      out.parameters = parameters;
    }
  }
  if (!out.allowed.empty()) out.allowed += ", OPTIONS";
  return out;
}

} // namespace strowger::http
