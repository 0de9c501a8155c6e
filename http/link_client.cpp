#include "http/link_client.hpp"

#include "http/link_address.hpp"
#include "http/link_door.hpp"
#include "http/link_lookup.hpp"
#include "http/link_wire.hpp"
#include "http/tls_client.hpp"
#include "observe/log.hpp"
#include "protocol/errors.hpp"
#include "protocol/json.hpp"

#include <algorithm>
#include <charconv>
#include <netinet/tcp.h>

namespace strowger::http {
namespace {

namespace wire = protocol::link;
using sink = link_sink<runtime::master_sink, wire::words::to_master>;
using clock = std::chrono::steady_clock;

constexpr duration_ms goodbye_ms = 300;

std::chrono::milliseconds ms(duration_ms span) { return std::chrono::milliseconds{span}; }

// The `code` of the master's problem document, or the status.
std::string words_of(const websocket::response_type& refusal) {
  const auto tree = protocol::parse_json(refusal.body());
  const auto* root = std::get_if<protocol::value>(&tree);
  const auto* code = root ? root->find("code") : nullptr;
  const auto status = std::to_string(refusal.result_int());
  if (!code || !code->as_text()) return "HTTP " + status;
  return code->as_text()->substr(0, 64) + " (HTTP " + status + ")";
}

duration_ms retry_after_ms(const websocket::response_type& refusal, duration_ms at_most) {
  const auto text = refusal[bhttp::field::retry_after];
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::min(std::max<std::int64_t>(seconds, 0), at_most / 1000) * 1000;
}

} // namespace

// Lives on the lane; what its handlers hold is itself, never the lane.
class link_client::dialer : public std::enable_shared_from_this<dialer> {
public:
  dialer(link_settings s, const std::shared_ptr<lane>& on, runtime::gateway& gateway,
         security::random_source& random) :
      settings_(std::move(s)),
      to_(link_address_of(settings_.master_url)),
      tls_(to_.tls ? make_tls_client(settings_.ca_file) : nullptr), door_(gateway, random),
      lane_(on), context_(on->context()), deadline_(context_), retry_(context_),
      backoff_ms_(settings_.retry_min_ms) {}

  void start() {
    if (const auto on = lane_.lock()) on->post([self = shared_from_this()] { self->dial(); });
  }
  void stop() {
    if (!door_.shut()) return;
    if (const auto on = lane_.lock()) on->post([self = shared_from_this()] { self->leave(); });
    door_.wait_left(goodbye_ms);
  }

private:
  void dial();
  void look_up();
  void connect(std::vector<tcp::endpoint> where);
  void secure();
  void upgrade();
  void on_upgraded(error_code ec);
  void open();
  errc heard(std::string_view text);
  void lost(const std::string& why);
  void failed(error_code ec);
  void again(const std::string& why, duration_ms at_least_ms = 0);
  void wait_and_dial(const std::string& why, duration_ms delay_ms);
  void give_up_dialling();
  void leave();

  const link_settings settings_;
  const link_address to_;
  const std::unique_ptr<net::ssl::context> tls_;
  link_door door_;
  const std::weak_ptr<lane> lane_;
  net::io_context& context_;
  net::steady_timer deadline_, retry_;
  duration_ms backoff_ms_;
  bool looking_up_ = false; // somewhere in the system; cannot be called off
  bool timed_out_ = false;
  std::shared_ptr<tcp::socket> socket_; // until it is connected
  std::shared_ptr<link_wire> wire_;     // from then on
  std::shared_ptr<websocket::response_type> response_;
  std::shared_ptr<sink> sink_; // while the link is open
  clock::time_point opened_at_;
};

void link_client::dialer::dial() {
  if (door_.is_shut()) return leave();
  timed_out_ = false;
  wire_ = nullptr;
  deadline_.expires_after(ms(settings_.connect_deadline_ms));
  deadline_.async_wait([weak = weak_from_this()](error_code ec) {
    if (const auto self = weak.lock(); self && !ec) self->give_up_dialling();
  });
  error_code ec;
  const auto address = net::ip::make_address(to_.host, ec);
  if (ec) return look_up();
  connect({tcp::endpoint{address, to_.port}});
}

void link_client::dialer::give_up_dialling() {
  timed_out_ = true;
  error_code ignored;
  if (wire_) return wire_->cut();
  if (socket_) return void(socket_->close(ignored));
  again("its name was not found in time");
}

void link_client::dialer::look_up() {
  if (std::exchange(looking_up_, true)) return; // of the last dial; now it counts for this one
  look_up_host(to_.host, to_.port, lane_,
               [weak = weak_from_this()](std::vector<tcp::endpoint> where, const std::string& why) {
                 const auto self = weak.lock();
                 if (!self) return;
                 self->looking_up_ = false;
                 const bool dialling = !self->socket_ && !self->wire_ && !self->timed_out_;
                 if (!dialling || self->door_.is_shut()) return;
                 if (where.empty()) return self->again(why);
                 self->connect(std::move(where));
               });
}

void link_client::dialer::connect(std::vector<tcp::endpoint> where) {
  socket_ = std::make_shared<tcp::socket>(context_);
  const auto held = std::make_shared<std::vector<tcp::endpoint>>(std::move(where));
  net::async_connect(
      *socket_, *held,
      [self = shared_from_this(), held, socket = socket_](error_code ec, const tcp::endpoint&) {
        self->socket_ = nullptr;
        if (ec || self->door_.is_shut()) return self->failed(ec);
        error_code ignored;
        socket->set_option(tcp::no_delay{true}, ignored);
        const unsigned patience_ms = limits::unacknowledged_ms;
        ::setsockopt(socket->native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms,
                     sizeof patience_ms);
        const auto& s = self->settings_;
        self->wire_ =
            std::make_shared<link_wire>(self->tls_ ? any_stream{std::move(*socket), *self->tls_}
                                                   : any_stream{std::move(*socket)},
                                        link_patience{s.ping_interval_ms, s.silence_ms,
                                                      s.close_deadline_ms, s.queue_bytes_max});
        self->secure();
      });
}

void link_client::dialer::secure() {
  if (!tls_) return upgrade();
  auto& tls = wire_->stream().next_layer().tls();
  expect_host(tls, to_.host);
  tls.async_handshake(net::ssl::stream_base::client,
                      [self = shared_from_this(), held = wire_](error_code ec) {
                        if (ec || self->door_.is_shut()) return self->failed(ec);
                        self->upgrade();
                      });
}

void link_client::dialer::upgrade() {
  auto& stream = wire_->stream();
  stream.set_option(
      websocket::stream_base::decorator{[key = settings_.key](websocket::request_type& request) {
        request.set(bhttp::field::authorization, "Bearer " + key);
        request.set(bhttp::field::sec_websocket_protocol, wire::subprotocol);
        request.set(bhttp::field::user_agent, std::string{"strowger/"} + STROWGER_VERSION);
      }});
  response_ = std::make_shared<websocket::response_type>();
  stream.async_handshake(
      *response_, to_.host_header, to_.target,
      [self = shared_from_this(), held = wire_](error_code ec) { self->on_upgraded(ec); });
}

void link_client::dialer::on_upgraded(error_code ec) {
  const auto response = std::exchange(response_, nullptr);
  if (door_.is_shut()) return failed(ec);
  if (ec == websocket::error::upgrade_declined) {
    wire_->cut();
    const auto status = response->result_int();
    const auto words = "it refuses us: " + words_of(*response);
    if (status != 429 && status < 500) return wait_and_dial(words, settings_.refused_retry_ms);
    return again(words, retry_after_ms(*response, settings_.refused_retry_ms));
  }
  if (ec) return failed(ec);
  if ((*response)[bhttp::field::sec_websocket_protocol] != wire::subprotocol) {
    wire_->cut();
    return wait_and_dial("it does not speak " + std::string{wire::subprotocol},
                         settings_.refused_retry_ms);
  }
  open();
}

void link_client::dialer::open() {
  deadline_.cancel();
  opened_at_ = clock::now();
  log::info("Linked to the license master", {{"master", to_.host_header}});
  auto here = std::make_shared<sink>(wire_, lane_);
  if (!door_.found(here)) return leave();
  sink_ = std::move(here);
  const auto weak = weak_from_this();
  wire_->open({[weak](std::string_view text) {
                 const auto self = weak.lock();
                 return self ? self->heard(text) : errc::hub_not_available;
               },
               [weak](const std::string& why) {
                 if (const auto self = weak.lock()) self->lost(why);
               }});
}

errc link_client::dialer::heard(std::string_view text) {
  auto in = wire::parse_to_slave(text);
  if (const auto* why = std::get_if<failure>(&in)) {
    log::warning("The license master says what cannot be read",
                 {{"why", protocol::row_of(why->why).code}, {"detail", why->detail}});
    return why->why;
  }
  door_.said(sink_.get(), std::move(std::get<wire::words::to_slave>(in)));
  return errc::ok;
}

void link_client::dialer::lost(const std::string& why) {
  door_.lost(sink_.get());
  sink_ = nullptr;
  wire_ = nullptr;
  if (clock::now() - opened_at_ >= ms(settings_.good_after_ms))
    backoff_ms_ = settings_.retry_min_ms;
  again(why);
}

void link_client::dialer::failed(error_code ec) {
  if (timed_out_) return again("no answer in time");
  auto why = ec.message();
  if (wire_ && tls_)
    if (const auto more = why_not_trusted(wire_->stream().next_layer().tls()); !more.empty())
      why += ": " + more;
  if (wire_) wire_->cut();
  again(why);
}

// Half of the wait is certain, the other half is drawn.
void link_client::dialer::again(const std::string& why, duration_ms at_least_ms) {
  const auto half = backoff_ms_ / 2;
  const auto drawn = half + door_.below(backoff_ms_ - half + 1);
  backoff_ms_ = std::min(backoff_ms_ * 2, settings_.retry_max_ms);
  wait_and_dial(why, std::max(drawn, at_least_ms));
}

void link_client::dialer::wait_and_dial(const std::string& why, duration_ms delay_ms) {
  deadline_.cancel();
  wire_ = nullptr;
  if (door_.is_shut()) return leave();
  log::warning("No link to the license master",
               {{"why", why}, {"master", to_.host_header}, {"retry_in_ms", delay_ms}});
  retry_.expires_after(ms(delay_ms));
  retry_.async_wait([weak = weak_from_this()](error_code ec) {
    if (const auto self = weak.lock(); self && !ec) self->dial();
  });
}

void link_client::dialer::leave() {
  deadline_.cancel();
  retry_.cancel();
  error_code ignored;
  if (socket_) socket_->close(ignored);
  if (wire_ && sink_) return wire_->end(errc::hub_not_available); // then `lost` comes here again
  if (wire_) wire_->cut();
  wire_ = nullptr;
  door_.left();
}

link_client::link_client(link_settings settings, const std::shared_ptr<runtime::executor>& on,
                         runtime::gateway& gateway, security::random_source& random) :
    lane_(on),
    dialer_(std::make_shared<dialer>(std::move(settings), std::static_pointer_cast<lane>(on),
                                     gateway, random)) {}

link_client::~link_client() { stop(); }

void link_client::start() { dialer_->start(); }
void link_client::stop() { dialer_->stop(); }

} // namespace strowger::http
