// The WebSocket as a browser opens it.
#include "cli/doctor_device.hpp"

#include "http/url.hpp"

namespace strowger::cli::examination {
namespace {

using protocol::value;
using clock = std::chrono::steady_clock;

bool socket_failed(patient& p, const fault& why) {
  if (why.what != trouble::no_upgrade)
    return p.say.failed("WebSocket", "The connection to /ws broke off, " + words_of(why, p) +
                                         ": look for a proxy or firewall that cuts WebSockets, and "
                                         "read the server's log.");
  const auto said = text_at(json_of(why.detail), {"error"});
  const auto status = "status " + std::to_string(why.status);
  if (why.status == 401 || why.status == 403)
    return p.say.failed("WebSocket",
                        "The server refuses extension " + p.number + " (" +
                            (said.empty() ? status : said) +
                            "): sign in as the agent who owns it, and allow the page's "
                            "address in CORS_ORIGINS.");
  if (!said.empty())
    return p.say.failed("WebSocket", "The server refuses the connection (" + said +
                                         "): try again in a moment and read its log.");
  return p.say.failed("WebSocket", "/ws answers without an upgrade (" + status +
                                       "): a proxy in between must pass the headers Upgrade and "
                                       "Connection on for /ws.");
}

} // namespace

bool check_web_socket(patient& p) {
  auto made = device::open(p, p.number, {});
  if (auto* why = std::get_if<fault>(&made)) return socket_failed(p, *why);
  auto& socket = std::get<device>(made);
  const auto hello = socket.next("connected");
  if (const auto* why = std::get_if<fault>(&hello))
    return p.say.failed("WebSocket", "It opened, but the first message " + broken(p, *why) +
                                         ": a proxy that buffers must be told not to, for /ws.");
  const auto& data = std::get<value>(hello);
  const auto started = clock::now();
  const auto pong = socket.ask("ping", value{value::object{}});
  if (const auto* why = std::get_if<fault>(&pong))
    return p.say.failed("WebSocket", "It opened, but the answer to a ping " + broken(p, *why) +
                                         ": look for a proxy or firewall that cuts WebSockets.");
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started).count();
  if (p.ice.is_null())
    if (const auto* ice = at(data, {"data", "ice_servers"})) p.ice = *ice;
  if (const auto token = text_at(data, {"data", "resume_token"}); !token.empty())
    p.resume =
        "&resume=" + http::percent_encode(token) + "&position=" + std::to_string(socket.position());
  socket.close();
  return p.say.ok("WebSocket", "It opened for extension " + p.number + ", a ping came back in " +
                                   std::to_string(took) + " ms.");
}

} // namespace strowger::cli::examination
