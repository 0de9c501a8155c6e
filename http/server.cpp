#include "http/server.hpp"

#include "http/http_session.hpp"
#include "http/sio_device.hpp"
#include "http/stun_responder.hpp"
#include "observe/log.hpp"

#include <set>
#include <stdexcept>

namespace strowger::http {
namespace {

std::unique_ptr<net::ssl::context> tls_context(const options& opt) {
  if (opt.certificate_pem.empty()) return nullptr;
  auto out = std::make_unique<net::ssl::context>(net::ssl::context::tls_server);
  try {
    out->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                     net::ssl::context::no_sslv3 | net::ssl::context::no_tlsv1 |
                     net::ssl::context::no_tlsv1_1);
    out->use_certificate_chain(net::buffer(opt.certificate_pem));
    out->use_private_key(net::buffer(opt.private_key_pem), net::ssl::context::pem);
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error(std::string{"The TLS certificate or its key cannot be used: "} +
                             e.code().message());
  }
  return out;
}

constexpr int accepts_per_turn = 64;

// Accepts on one address and deals the connections to the lanes in turn. Lives on the first lane.
class listener : public std::enable_shared_from_this<listener> {
public:
  listener(std::shared_ptr<state> shared, std::vector<std::shared_ptr<lane>> lanes,
           net::ssl::context* tls) :
      shared_(std::move(shared)),
      lanes_(std::move(lanes)), tls_(tls), acceptor_(lanes_.front()->context()) {}

  void bind(const endpoint& where) {
    try {
      const tcp::endpoint at{net::ip::make_address(where.address), where.port};
      acceptor_.open(at.protocol());
      acceptor_.set_option(net::socket_base::reuse_address{true});
      acceptor_.bind(at);
      acceptor_.listen(net::socket_base::max_listen_connections);
      acceptor_.non_blocking(true);
    } catch (const boost::system::system_error& e) {
      throw std::runtime_error("Cannot listen on " + where.address + " port " +
                               std::to_string(where.port) + ": " + e.code().message());
    }
  }
  endpoint bound() const {
    const auto at = acceptor_.local_endpoint();
    return {at.address().to_string(), at.port()};
  }
  void start() {
    lanes_.front()->post([self = shared_from_this()] { self->accept(); });
  }
  void stop() {
    lanes_.front()->post([self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
    });
  }

private:
  void accept() {
    auto on = lanes_[next_++ % lanes_.size()];
    auto& context = on->context();
    acceptor_.async_accept(context, [self = shared_from_this(), on = std::move(on)](
                                        error_code ec, tcp::socket socket) mutable {
      self->accepted(ec, std::move(on), std::move(socket));
    });
  }
  void accepted(error_code ec, std::shared_ptr<lane> on, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (ec) { // out of descriptors, most likely: breathe, then go on
      log::warning("Accept failed", {{"why", ec.message()}});
      lanes_.front()->post_after(100, [self = shared_from_this()] {
        if (self->acceptor_.is_open()) self->accept();
      });
      return;
    }
    deal(on, std::move(socket));
    // When everybody comes back at once, one a turn would be one for each round of the lane.
    for (int more = 1; more < accepts_per_turn; ++more) {
      on = lanes_[next_++ % lanes_.size()];
      tcp::socket another{on->context()};
      if (acceptor_.accept(another, ec); ec) break; // nobody waits, or the next turn says why
      deal(on, std::move(another));
    }
    accept();
  }
  void deal(const std::shared_ptr<lane>& on, tcp::socket socket) {
    if (shared_->connections.size() >= shared_->opt.connections_max) return;
    auto held = std::make_shared<tcp::socket>(std::move(socket));
    on->post([shared = shared_, on, held, tls = tls_] {
      serve_connection(shared, on, std::move(*held), tls);
    });
  }

  const std::shared_ptr<state> shared_;
  const std::vector<std::shared_ptr<lane>> lanes_;
  net::ssl::context* const tls_;
  tcp::acceptor acceptor_;
  std::size_t next_ = 0;
};

} // namespace

struct server::parts {
  std::unique_ptr<net::ssl::context> tls;
  std::shared_ptr<state> shared;
  std::vector<std::shared_ptr<lane>> lanes;
  std::vector<std::shared_ptr<listener>> listeners;
  std::vector<std::shared_ptr<stun_responder>> stun;
  bool running = false;
};

lane_list make_lanes(std::size_t count) {
  lane_list out;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, count); ++i)
    out.push_back(std::make_shared<lane>());
  return out;
}

server::server(options opt, const lane_list& lanes) : parts_(std::make_unique<parts>()) {
  parts_->tls = tls_context(opt);
  for (const auto& each : lanes.empty() ? make_lanes(opt.lanes) : lanes)
    parts_->lanes.push_back(std::static_pointer_cast<lane>(each));
  if (!opt.engine.app) opt.engine.app = make_sio_product;
  parts_->shared = std::make_shared<state>(std::move(opt));
}

server::~server() { stop(); }

void server::start() {
  auto& p = *parts_;
  for (const auto& where : p.shared->opt.listen) {
    p.listeners.push_back(std::make_shared<listener>(p.shared, p.lanes, p.tls.get()));
    p.listeners.back()->bind(where);
  }
  std::set<std::pair<std::string, std::uint16_t>> stun_at; // several ports of one host: one STUN
  for (const auto& where : p.shared->opt.stun) {
    if (where.port != 0 && !stun_at.emplace(where.address, where.port).second) continue;
    auto responder = std::make_shared<stun_responder>(p.lanes.back()->context());
    if (responder->bind(where)) p.stun.push_back(std::move(responder));
  }
  for (const auto& each : p.listeners) each->start();
  for (const auto& each : p.stun) each->start();
  for (const auto& each : p.lanes) each->start();
  p.running = true;
}

void server::serve(runtime::gateway& gateway, media_door* media) {
  parts_->shared->media = media;
  parts_->shared->site = &gateway;
}

std::vector<std::shared_ptr<runtime::executor>> server::lanes() const {
  return {parts_->lanes.begin(), parts_->lanes.end()};
}

std::vector<endpoint> server::listening() const {
  std::vector<endpoint> out;
  for (const auto& each : parts_->listeners) out.push_back(each->bound());
  return out;
}

std::vector<endpoint> server::stun_listening() const {
  std::vector<endpoint> out;
  for (const auto& each : parts_->stun) out.push_back(each->bound());
  return out;
}

void server::drain(duration_ms at_most_ms) {
  auto& p = *parts_;
  if (!p.running) return;
  p.shared->draining = true;
  p.shared->connections.drain_all();
  if (!p.shared->connections.wait_empty(at_most_ms))
    log::warning("Drain ended with open connections",
                 {{"connections", p.shared->connections.size()}});
}

void server::stop() {
  auto& p = *parts_;
  if (!std::exchange(p.running, false)) return;
  p.shared->draining = true;
  for (const auto& each : p.listeners) each->stop();
  for (const auto& each : p.stun) each->stop();
  p.shared->connections.cut_all();
  p.shared->connections.wait_empty(1000);
  for (const auto& each : p.lanes) each->stop();
  p.shared->engine.clear(); // sessions whose lane had ended before it came to them
}

} // namespace strowger::http
