// A relay that carries nothing: it writes down what it is told and answers when asked to.
#pragma once

#include "media/relay.hpp"

#include <deque>

namespace strowger::media {

class fake_relay final : public relay {
public:
  std::vector<std::string> told; // "pause c1", "unpause p2", "switch c1 p4", "close t1" ...
  std::deque<std::function<void()>> answers;
  refusal next = refusal::none; // of the next request

  // What is answered so may ask again.
  void answer() {
    while (!answers.empty()) {
      const auto each = std::move(answers.front());
      answers.pop_front();
      each();
    }
  }
  std::vector<std::string> take() { return std::exchange(told, {}); }

  std::uint16_t port() const override { return 5004; }
  void create_transport(const lane&, transport_options, done<transport_made> how) override {
    const auto name = "t" + std::to_string(++transports_);
    later<transport_made>(
        how,
        {transport_id{name}, {"uf", "pw"}, {{"1", 1, "127.0.0.1", 5004}}, {{"sha-256", "AA:BB"}}});
  }
  void connect_transport(const lane&, const transport_id& id, remote_dtls,
                         done<nothing> how) override {
    note("connect " + id.value, how);
  }
  void restart_ice(const lane&, const transport_id& id, done<ice_parameters> how) override {
    told.push_back("restart " + id.value);
    later<ice_parameters>(how, {"uf2", "pw2"});
  }
  void close_transport(const lane&, const transport_id& id, done<nothing> how) override {
    note("close " + id.value, how);
  }
  void produce(const lane&, const transport_id&, producer_options, done<producer_id> how) override {
    later<producer_id>(how, producer_id{"p" + std::to_string(++producers_)});
  }
  void pause_producer(const lane&, const producer_id& id, bool on, done<nothing> how) override {
    note((on ? "pause " : "unpause ") + id.value, how);
  }
  void close_producer(const lane&, const producer_id& id, done<nothing> how) override {
    note("close " + id.value, how);
  }
  void consume(const lane&, const transport_id&, const producer_id&, consumer_options with,
               done<media::consumer_made> how) override {
    last_consumer = std::move(with);
    const auto number = ++consumers_;
    later<media::consumer_made>(
        how, {consumer_id{"c" + std::to_string(number)}, kind::audio, 1000U + number, 0, false});
  }
  void pause_consumer(const lane&, const consumer_id& id, bool on, done<nothing> how) override {
    note((on ? "pause " : "unpause ") + id.value, how);
  }
  void close_consumer(const lane&, const consumer_id& id, done<nothing> how) override {
    note("close " + id.value, how);
  }
  void switch_source(const lane&, const consumer_id& id, const producer_id& to,
                     done<nothing> how) override {
    note("switch " + id.value + " " + to.value, how);
  }
  void request_key_frame(const lane&, const consumer_id& id, done<nothing> how) override {
    note("key-frame " + id.value, how);
  }
  void create_player(const lane&, player_options, done<producer_id>) override {}
  void feed(const lane&, const producer_id&, std::vector<frame>, done<nothing>) override {}
  void tap(const lane&, const producer_id&, tap_sink, done<tap_id>) override {}
  void close_tap(const lane&, const tap_id&, done<nothing>) override {}
  void stats(const lane&, const transport_id& id, done<transport_stats> how) override {
    later<transport_stats>(how, {.id = id});
  }
  void stats(const lane&, const producer_id&, done<stream_stats> how) override {
    later<stream_stats>(how, {.packets = 7});
  }
  void stats(const lane&, const consumer_id&, done<stream_stats> how) override {
    later<stream_stats>(how, {.packets = 8});
  }

  consumer_options last_consumer;

private:
  template <class T> void later(done<T> how, T what) {
    const auto why = std::exchange(next, refusal::none);
    answers.push_back([how, what, why] {
      if (how) how({why, what});
    });
  }
  void note(std::string what, done<nothing> how) {
    told.push_back(std::move(what));
    later<nothing>(std::move(how), {});
  }

  int transports_ = 0, producers_ = 0;
  std::uint32_t consumers_ = 0;
};

} // namespace strowger::media
