#include "media/relay.hpp"

#include "media/engine.hpp"

namespace strowger::media {
namespace {

// Runs a question on the engine's thread and posts its answer to the lane.
template <class T> void answer(const lane& on, const done<T>& to, result<T> what) {
  if (!to) return;
  if (!on) return to(std::move(what));
  on->post([to, what = std::move(what)]() mutable { to(std::move(what)); });
}

result<nothing> said(refusal why) { return {why, {}}; }
template <class T> result<T> said(result<T> what) { return what; }

class relay_of_engine final : public relay {
public:
  relay_of_engine(const options& with, listener events) : engine_(with, std::move(events)) {}

  bool open(std::string& why) {
    if (!engine_.open(why)) return false;
    engine_.start();
    return true;
  }
  std::uint16_t port() const override { return engine_.port(); }

  void create_transport(const lane& on, transport_options o, done<transport_made> to) override {
    ask(on, std::move(to), [o](engine& e) { return e.create_transport(o); });
  }
  void connect_transport(const lane& on, const transport_id& id, remote_dtls d,
                         done<nothing> to) override {
    ask(on, std::move(to), [id, d](engine& e) { return e.connect_transport(id, d); });
  }
  void restart_ice(const lane& on, const transport_id& id, done<ice_parameters> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.restart_ice(id); });
  }
  void close_transport(const lane& on, const transport_id& id, done<nothing> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.close_transport(id); });
  }
  void produce(const lane& on, const transport_id& id, producer_options o,
               done<producer_id> to) override {
    ask(on, std::move(to), [id, o](engine& e) { return e.produce(id, o); });
  }
  void pause_producer(const lane& on, const producer_id& id, bool paused,
                      done<nothing> to) override {
    ask(on, std::move(to), [id, paused](engine& e) { return e.pause_producer(id, paused); });
  }
  void close_producer(const lane& on, const producer_id& id, done<nothing> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.close_producer(id); });
  }
  void consume(const lane& on, const transport_id& id, const producer_id& from, consumer_options o,
               done<consumer_made> to) override {
    ask(on, std::move(to), [id, from, o](engine& e) { return e.consume(id, from, o); });
  }
  void pause_consumer(const lane& on, const consumer_id& id, bool paused,
                      done<nothing> to) override {
    ask(on, std::move(to), [id, paused](engine& e) { return e.pause_consumer(id, paused); });
  }
  void close_consumer(const lane& on, const consumer_id& id, done<nothing> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.close_consumer(id); });
  }
  void switch_source(const lane& on, const consumer_id& id, const producer_id& from,
                     done<nothing> to) override {
    ask(on, std::move(to), [id, from](engine& e) { return e.switch_source(id, from); });
  }
  void request_key_frame(const lane& on, const consumer_id& id, done<nothing> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.request_key_frame(id); });
  }
  void create_player(const lane& on, player_options o, done<producer_id> to) override {
    ask(on, std::move(to), [o](engine& e) { return e.create_player(o); });
  }
  void feed(const lane& on, const producer_id& id, std::vector<frame> more,
            done<nothing> to) override {
    ask(on, std::move(to), [id, more](engine& e) { return e.feed(id, more); });
  }
  void tap(const lane& on, const producer_id& id, tap_sink sink, done<tap_id> to) override {
    ask(on, std::move(to), [id, sink](engine& e) { return e.tap(id, sink); });
  }
  void close_tap(const lane& on, const tap_id& id, done<nothing> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.close_tap(id); });
  }
  void stats(const lane& on, const transport_id& id, done<transport_stats> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.stats(id); });
  }
  void stats(const lane& on, const producer_id& id, done<stream_stats> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.stats(id); });
  }
  void stats(const lane& on, const consumer_id& id, done<stream_stats> to) override {
    ask(on, std::move(to), [id](engine& e) { return e.stats(id); });
  }

private:
  template <class T, class F> void ask(const lane& on, done<T> to, F question) {
    auto job = [on, to, question = std::move(question)](engine& e) {
      answer<T>(on, to, said(question(e)));
    };
    if (!engine_.post(std::move(job))) answer<T>(on, to, {refusal::stopped, {}});
  }

  engine engine_;
};

} // namespace

std::unique_ptr<relay> start_relay(const options& with, listener events, std::string& why) {
  auto out = std::make_unique<relay_of_engine>(with, std::move(events));
  if (!out->open(why)) return nullptr;
  return out;
}

std::string_view text_of(refusal why) {
  switch (why) {
  case refusal::none:
    return "none";
  case refusal::unknown_transport:
    return "unknown-transport";
  case refusal::unknown_producer:
    return "unknown-producer";
  case refusal::unknown_consumer:
    return "unknown-consumer";
  case refusal::already_connected:
    return "already-connected";
  case refusal::weak_fingerprint:
    return "weak-fingerprint";
  case refusal::malformed:
    return "malformed";
  case refusal::wrong_direction:
    return "wrong-direction";
  case refusal::ssrc_taken:
    return "ssrc-taken";
  case refusal::codec_mismatch:
    return "codec-mismatch";
  case refusal::too_many:
    return "too-many";
  case refusal::stopped:
    break;
  }
  return "stopped";
}

std::string_view text_of(close_reason why) {
  switch (why) {
  case close_reason::asked:
    return "asked";
  case close_reason::close_notify:
    return "close-notify";
  case close_reason::dtls_failed:
    return "dtls-failed";
  case close_reason::dtls_timeout:
    return "dtls-timeout";
  case close_reason::transport_closed:
    return "transport-closed";
  case close_reason::producer_closed:
    break;
  }
  return "producer-closed";
}

} // namespace strowger::media
