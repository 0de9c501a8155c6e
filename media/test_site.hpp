// A relay on a free port of 127.0.0.1 with clients, for tests: calls wait for their answers.
#pragma once

#include "media/relay.hpp"
#include "media/test_peer.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

namespace strowger::media {

class test_site {
public:
  explicit test_site(options with = {}) {
    struct direct final : runtime::executor {
      void post(std::function<void()> job) override { job(); }
      void post_after(duration_ms, std::function<void()>) override {}
    };
    std::string why;
    relay_ = start_relay(with,
                         {std::make_shared<direct>(),
                          [this](const event& e) {
                            const std::scoped_lock held{lock_};
                            events_.push_back(e);
                            changed_.notify_all();
                          }},
                         why);
    if (!relay_) throw std::runtime_error{why};
  }
  ~test_site() { relay_.reset(); }

  relay* operator->() { return relay_.get(); }
  std::uint16_t port() const { return relay_->port(); }

  // ask<producer_id>([&](auto done) { site->produce(nullptr, ..., done); })
  template <class T, class F> result<T> ask(F&& question) {
    auto answer = std::make_shared<std::promise<result<T>>>();
    auto out = answer->get_future();
    question(done<T>{[answer](result<T> what) { answer->set_value(std::move(what)); }});
    return out.get();
  }
  transport_made transport(direction towards = direction::both) {
    return ask<transport_made>([&](auto to) {
             relay_->create_transport(nullptr, {"owner", towards}, to);
           })
        .value;
  }
  refusal connect(const transport_id& id, const fingerprint& of,
                  dtls_role role = dtls_role::client) {
    return ask<nothing>([&](auto to) {
             relay_->connect_transport(nullptr, id, {role, {of}}, to);
           })
        .why;
  }
  // The whole way: a transport that a peer has connected to.
  transport_made joined(test_peer& peer, direction towards = direction::both) {
    auto made = transport(towards);
    if (connect(made.id, peer.own()) != refusal::none || peer.check(made.ice) != 0 ||
        !peer.handshake())
      throw std::runtime_error{"the peer cannot connect"};
    return made;
  }
  result<producer_id> produce(const transport_id& on, producer_options what) {
    return ask<producer_id>([&](auto to) { relay_->produce(nullptr, on, what, to); });
  }
  result<consumer_made> consume(const transport_id& on, const producer_id& from,
                                consumer_options what) {
    return ask<consumer_made>([&](auto to) { relay_->consume(nullptr, on, from, what, to); });
  }
  template <class E> std::optional<E> wait_for(int ms = 2000) { // the first one not yet taken
    std::unique_lock held{lock_};
    std::optional<E> out;
    changed_.wait_for(held, std::chrono::milliseconds{ms}, [&] {
      for (auto e = events_.begin(); e != events_.end(); ++e)
        if (auto* found = std::get_if<E>(&e->what)) {
          out = *found;
          events_.erase(e);
          return true;
        }
      return false;
    });
    return out;
  }

private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<event> events_;
  std::unique_ptr<relay> relay_;
};

inline rtp_parameters opus(std::uint8_t payload_type, std::uint32_t ssrc) {
  rtp_parameters out;
  out.codecs = {{"audio/opus", payload_type, 48'000, 2, {}, {}}};
  out.encodings = {{ssrc, 0, ""}};
  out.cname = "somebody";
  return out;
}

} // namespace strowger::media
