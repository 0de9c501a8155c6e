// Who comes by Socket.IO: CONNECT is checked against the token before anything is accepted.
#include "http/authenticate.hpp"
#include "http/eio_session.hpp"
#include "http/sio_device.hpp"
#include "protocol/errors.hpp"
#include "protocol/reader.hpp"
#include "protocol/sse/sse.hpp"

namespace strowger::http {
namespace {

constexpr char pid_mark = '~'; // what follows makes one token's pids differ

// Whether what the client says of itself is what its token says.
bool agrees(protocol::reader& in, std::string_view name, std::string_view claim,
            std::string* said = nullptr) {
  const auto given = in.maybe_text(name);
  if (said && given) *said = *given;
  if (!given || given->empty() || *given == claim) return true;
  in.refuse(errc::forbidden, std::string{name});
  return false;
}

http_request with_token(const http_request& request, const std::optional<std::string>& token) {
  auto out = request;
  if (!token || token->empty()) return out;
  std::erase_if(out.fields, [](const auto& f) { return f.first == "authorization"; });
  const bool named = token->starts_with("Bearer ") || token->starts_with("bearer ");
  out.fields.emplace_back("authorization", named ? *token : "Bearer " + *token);
  return out;
}

void read_return(protocol::reader& in, sio_identity& out) {
  const auto pid = in.maybe_text("pid", limits::token_bytes_max);
  if (!pid || pid->empty()) return;
  out.pid = *pid;
  out.wanted.resume = pid->substr(0, pid->rfind(pid_mark));
  const auto offset = in.maybe_text("offset", 32);
  if (offset && !protocol::sse::parse_position(*offset, out.wanted.position))
    in.refuse(errc::value_out_of_range, "offset");
}

class sio_product final : public sio_app {
public:
  explicit sio_product(const std::shared_ptr<sio_connection>& to) : to_(to) {}

  void on_connect(const std::string& nsp, protocol::value auth) override {
    const auto to = to_.lock();
    if (!to) return;
    if (nsp != "/") {
      protocol::value error{protocol::value::object{}};
      return to->refuse(nsp, error.set("message", "Invalid namespace"));
    }
    const auto& session = *to->session();
    if (!session.shared()->serving()) return to->close(); // it comes back by itself
    auto who = identify(*session.shared(), session.request(), auth);
    if (const auto* why = std::get_if<failure>(&who)) {
      protocol::value error{protocol::value::object{}};
      return to->refuse(
          nsp, error.set("message", protocol::text_of(*why)).set("data", protocol::refusal(*why)));
    }
    auto& found = std::get<sio_identity>(who);
    handoff from{session.shared(), session.on(), session.request(), found.who, {}};
    device_ = std::make_shared<sio_device>(std::move(from), to, std::move(found));
    device_->start();
  }

  void on_event(const std::string&, socketio::packet event) override {
    if (const auto device = device_) device->on_event(std::move(event));
  }
  void on_disconnect(const std::string&) override {
    if (const auto device = std::exchange(device_, nullptr)) device->on_goodbye();
  }
  void on_heard() override {
    if (device_) device_->heard();
  }
  void on_close(std::string_view why) override {
    if (const auto device = std::exchange(device_, nullptr)) device->on_lost(why);
  }

private:
  const std::weak_ptr<sio_connection> to_;
  std::shared_ptr<sio_device> device_; // in "/"
};

} // namespace

outcome<sio_identity> identify(const state& shared, const http_request& request,
                               const protocol::value& auth) {
  protocol::reader in{auth};
  const auto token = in.maybe_text("token", limits::token_bytes_max);
  if (!in.ok()) return in.fault();
  auto who = authenticate(with_token(request, token), access::token, true, identity_of(shared));
  if (const auto* why = std::get_if<failure>(&who)) return *why;
  sio_identity out;
  out.who = std::move(std::get<principal>(who));
  agrees(in, "agentId", out.who.agent.value);
  agrees(in, "tenantId", out.who.tenant.value);
  agrees(in, "userId", out.who.agent.value, &out.user_id);
  out.wanted.extension = in.maybe_text("extension", limits::target_digits_max).value_or("");
  if (out.wanted.extension.empty()) out.wanted.extension = out.who.number;
  read_return(in, out);
  if (!in.ok()) return in.fault();
  if (out.wanted.extension.empty()) return failure{errc::missing_field, "extension", 0};
  if (!owns(out.who, out.wanted.extension)) return failure{errc::extension_not_owned, {}, 0};
  out.wanted.who = out.who;
  out.wanted.user_agent = request.header("user-agent");
  out.wanted.socketio = true;
  return out;
}

std::shared_ptr<eio_app> make_sio_product(const std::shared_ptr<eio_session>& session) {
  auto out = std::make_shared<sio_connection>(session);
  out->serve(std::make_shared<sio_product>(out));
  return out;
}

} // namespace strowger::http
