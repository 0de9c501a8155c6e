#include "cli/doctor_probe.hpp"

#include "cli/http_client_line.hpp"

#include <random>

namespace strowger::cli {
namespace {

using udp = net::ip::udp;

stun::transaction new_transaction() {
  std::random_device source;
  stun::transaction out;
  for (auto& byte : out) byte = static_cast<std::uint8_t>(source());
  return out;
}

// A connected UDP socket: a closed port is then told by the system instead of silence.
class datagrams {
public:
  explicit datagrams(duration_ms within) :
      deadline_(steady::now() + std::chrono::milliseconds{within}) {}

  std::optional<fault> connect(const peer& to) {
    error_code error;
    const auto address = net::ip::make_address(to.ip, error);
    if (!error) socket_.connect({address, to.port}, error); // opens it for that family
    return error ? std::optional{to_fault(error)} : std::nullopt;
  }

  result<stun::answer> ask(const stun::bytes& request, const stun::transaction& id) {
    auto pause = std::chrono::milliseconds{500};
    while (steady::now() < deadline_) {
      error_code error;
      socket_.send(net::buffer(request), 0, error);
      const auto next = std::min(steady::now() + pause, deadline_);
      pause *= 2;
      while (!error) {
        auto in = receive(next);
        if (in.error) {
          error = in.error;
          break;
        }
        const auto answer = stun::parse_answer({buffer_.data(), in.size}, id);
        if (answer) return *answer;
      }
      // A refusal may belong to an earlier datagram: the wait goes on only for silence.
      if (error && error != beast::error::timeout) return to_fault(error);
    }
    return fault{trouble::timed_out, "no answer", 0};
  }

private:
  struct received {
    error_code error;
    std::size_t size = 0;
  };
  received receive(steady::time_point until) {
    received out;
    bool done = false;
    socket_.async_receive(net::buffer(buffer_), [&](error_code error, std::size_t size) {
      done = true;
      out = {error, size};
    });
    if (run_until(io_, done, until)) return out;
    socket_.cancel();
    io_.restart();
    io_.run();                                        // the handler refers to this frame
    if (out.error) out.error = beast::error::timeout; // cancelled
    return out;
  }

  net::io_context io_{1};
  udp::socket socket_{io_};
  steady::time_point deadline_;
  std::array<std::uint8_t, 2048> buffer_;
};

result<stun::answer> ask_stream(const stun::address& where, const trust& whom,
                                const stun::bytes& request, const stun::transaction& id,
                                duration_ms within) {
  url to;
  to.tls = where.by == stun::transport::tls;
  to.host = where.host;
  to.port = where.port;
  const auto span_of = [](std::string_view text) {
    return std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  auto in = http_client{to, whom, within}.exchange(
      {reinterpret_cast<const char*>(request.data()), request.size()},
      [&](std::string_view so_far) {
        const auto all = span_of(so_far);
        const auto whole = stun::message_bytes(all);
        return all.size() >= 20 && (whole == 0 || all.size() >= whole);
      });
  if (auto* why = std::get_if<fault>(&in)) return *why;
  const auto answer = stun::parse_answer(span_of(std::get<std::string>(in)), id);
  if (!answer) return fault{trouble::other, "the answer is no STUN", 0};
  return *answer;
}

duration_ms since(steady::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - start).count();
}

result<stun_found> timed(const result<stun::answer>& got, steady::time_point start) {
  if (const auto* why = std::get_if<fault>(&got)) return *why;
  return stun_found{std::get<stun::answer>(got), since(start)};
}

// One address of each family: a name may have both, and the server listen on one of them only.
// The time is shared out among them.
template <class Ask>
result<stun_found> first_answer(const stun::address& where, duration_ms within, Ask&& ask) {
  auto resolved = resolve(where.host, where.port, within);
  if (auto* why = std::get_if<fault>(&resolved)) return *why;
  std::vector<peer> chosen;
  for (auto& each : std::get<std::vector<peer>>(resolved)) {
    const bool v6 = each.ip.find(':') != each.ip.npos;
    if (chosen.empty() || (chosen.size() == 1 && v6 != (chosen[0].ip.find(':') != each.ip.npos)))
      chosen.push_back(std::move(each));
  }
  result<stun_found> out = fault{trouble::bad_name, "no usable address", 0};
  for (const auto& each : chosen) {
    out = ask(each, within / static_cast<duration_ms>(chosen.size()));
    if (std::holds_alternative<stun_found>(out)) break;
  }
  return out;
}

result<stun_found> bind_over_udp(const peer& to, duration_ms within) {
  const auto start = steady::now();
  const auto id = new_transaction();
  datagrams line{within};
  if (auto why = line.connect(to)) return *why;
  return timed(line.ask(stun::binding_request(id), id), start);
}

result<stun_found> allocate_over_udp(const peer& to, const std::string& username,
                                     const std::string& password, duration_ms within) {
  const auto start = steady::now();
  auto id = new_transaction();
  datagrams line{within};
  if (auto why = line.connect(to)) return *why;
  const auto first = timed(line.ask(stun::allocate_request(id), id), start);
  const auto* refused = std::get_if<stun_found>(&first);
  if (refused == nullptr || refused->answer.error != 401 || username.empty()) return first;
  const stun::credentials who{username, password, refused->answer.realm, refused->answer.nonce};
  id = new_transaction();
  const auto second = timed(line.ask(stun::allocate_request(id, &who), id), start);
  const auto* got = std::get_if<stun_found>(&second);
  if (got != nullptr && got->answer.success) {
    id = new_transaction();
    line.ask(stun::release_request(id, who), id);
  }
  return second;
}

} // namespace

result<stun_found> ask_stun(const stun::address& where, const trust& whom, duration_ms within) {
  const auto start = steady::now();
  const auto id = new_transaction();
  if (where.by != stun::transport::udp)
    return timed(ask_stream(where, whom, stun::binding_request(id), id, within), start);
  return first_answer(where, within, bind_over_udp);
}

result<stun_found> ask_turn(const stun::address& where, const trust& whom,
                            const std::string& username, const std::string& password,
                            duration_ms within) {
  const auto start = steady::now();
  const auto id = new_transaction();
  if (where.by != stun::transport::udp)
    return timed(ask_stream(where, whom, stun::allocate_request(id), id, within), start);
  return first_answer(where, within, [&](const peer& to, duration_ms share) {
    return allocate_over_udp(to, username, password, share);
  });
}

} // namespace strowger::cli
