// The desk as devices see it: `webrtc:*` and what surrounds call:dial and call:answer, over a relay
// that carries nothing.
#include "media/desk.hpp"

#include "media/fake_relay.hpp"
#include "protocol/json.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

using protocol::value;

const tenant_id tenant{"default"};
const call_id call{"c"};
const std::string opus =
    R"("rtpParameters":{"codecs":[{"mimeType":"audio/opus","payloadType":111,"clockRate":48000,)"
    R"("channels":2}],"encodings":[{"ssrc":5}],"rtcp":{"cname":"cn"}})";

value tree(const std::string& text) { return std::get<value>(protocol::parse_json(text)); }

struct world {
  fake_relay relay;
  time_ms now = 1'000;
  std::vector<std::string> told; // "a webrtc:new-producer"
  std::vector<std::string> ended;
  std::vector<std::function<void()>> later;
  std::shared_ptr<desk> it = std::make_shared<desk>(
      site_port{[this](const tenant_id&, const device_id& d, const notice::any& n) {
                  told.push_back(d.value + " " +
                                 std::visit([](const auto& x) { return std::string{x.name}; }, n));
                },
                [this](const tenant_id&, const device_id& d, const call_id&) {
                  ended.push_back(d.value);
                },
                [this](std::function<void()> job) { later.push_back(std::move(job)); }},
      [this] { return now; });

  world() { it->start(relay); }

  outcome<value> said(const std::string& device, const std::string& name,
                      const std::string& data = "{}") {
    outcome<value> got = failure{errc::internal, "no answer", 0};
    runtime::caller c;
    c.who.tenant = tenant;
    const auto body = tree(data);
    it->ask(c, device_id{device}, "webrtc:" + name, body, [&](outcome<value> o) { got = o; });
    relay.answer();
    return got;
  }
  std::string good(const std::string& device, const std::string& name, const std::string& data,
                   std::string_view member) {
    const auto got = said(device, name, data);
    if (const auto* f = std::get_if<failure>(&got)) {
      ADD_FAILURE() << name << ": " << f->detail << " " << static_cast<int>(f->why);
      return {};
    }
    const auto* found = std::get<value>(got).find(member);
    return found && found->as_text() ? *found->as_text() : std::string{};
  }
  errc bad(const std::string& device, const std::string& name, const std::string& data) {
    const auto got = said(device, name, data);
    const auto* f = std::get_if<failure>(&got);
    return f ? f->why : errc::ok;
  }
  std::string transport(const std::string& device, const std::string& direction) {
    return good(device, "create-transport", R"({"direction":")" + direction + "\"}", "transportId");
  }
  std::string produce(const std::string& device, const std::string& on) {
    return good(device, "produce", R"({"transportId":")" + on + R"(","kind":"audio",)" + opus + "}",
                "producerId");
  }
  std::string consume_text(const std::string& on, const std::string& producer) {
    return R"({"transportId":")" + on + R"(","producerId":")" + producer +
           R"(","rtpCapabilities":)" +
           protocol::write_json(wire::render(wire::router_capabilities())) + "}";
  }
  value ack(const std::string& device, const desk::set_aside& aside, const std::string& id = "c") {
    value out{value::object{}};
    it->after_call(tenant, device_id{device}, aside.ticket, call_id{id}, out);
    return out;
  }
  desk::set_aside before(const std::string& device, const std::string& name) {
    return it->before_call(tenant, device_id{device}, name, tree(R"({"callId":"c"})"));
  }
  void news(std::vector<call_party> parties, bool answered) {
    it->call_changed(tenant, call, {answered, false, true, std::move(parties)}, false);
  }
  static call_party party(const std::string& d, const std::string& peer, bool up) {
    return {device_id{d}, device_id{peer}, up};
  }
};

// a (t1 sends, t2 receives, p1) calls b (t3, t4, p2).
struct a_call : world {
  a_call() {
    EXPECT_EQ(transport("a", "send"), "t1");
    EXPECT_EQ(transport("a", "receive"), "t2");
    EXPECT_EQ(produce("a", "t1"), "p1");
    const auto dial = before("a", "call:dial");
    EXPECT_TRUE(dial.relayed);
    ack("a", dial);
    news({party("a", "b", false), party("b", "a", false)}, false);
    transport("b", "send");
    transport("b", "receive");
    EXPECT_EQ(produce("b", "t3"), "p2");
    answer = ack("b", before("b", "call:answer"));
    news({party("a", "b", true), party("b", "a", true)}, true);
    it->answered(tenant, device_id{"a"}, told_caller);
  }
  value answer;
  notice::call_answered told_caller{call};
};

TEST(desk, an_answer_names_what_there_is_to_hear_on_both_sides) {
  a_call w;
  EXPECT_EQ(protocol::write_json(w.answer), R"({"producerId":"p1","kind":"audio"})");
  EXPECT_EQ(w.told_caller.producer, "p2");
  EXPECT_EQ(w.told.size(), 0U);
}

TEST(desk, a_consumer_is_described_in_the_routers_numbers_and_plays) {
  a_call w;
  w.relay.take();
  const auto got = w.said("a", "consume", w.consume_text("t2", "p2"));
  const auto& ack = std::get<value>(got);
  EXPECT_EQ(*ack.find("id")->as_text(), "c1");
  EXPECT_EQ(*ack.find("consumerId")->as_text(), "c1");
  EXPECT_EQ(*ack.find("kind")->as_text(), "audio");
  const auto text = protocol::write_json(*ack.find("rtpParameters"));
  EXPECT_NE(text.find(R"("payloadType":100)"), text.npos) << text;
  EXPECT_NE(text.find(R"("encodings":[{"ssrc":1001}])"), text.npos) << text;
  EXPECT_NE(text.find(R"("cname":"cn")"), text.npos) << text;
  EXPECT_TRUE(w.relay.last_consumer.paused);
  EXPECT_EQ(w.relay.take(), std::vector<std::string>{"unpause c1"});
}

TEST(desk, capabilities_need_nobody) {
  world w;
  EXPECT_TRUE(std::get<value>(w.said("a", "get-router-capabilities")).find("capabilities"));
}

TEST(desk, wrong_ids_and_directions_are_refused) {
  a_call w;
  EXPECT_EQ(w.bad("b", "produce", R"({"transportId":"t1","kind":"audio",)" + opus + "}"),
            errc::transport_unknown);
  EXPECT_EQ(w.bad("a", "produce", R"({"transportId":"t2","kind":"audio",)" + opus + "}"),
            errc::wrong_direction);
  EXPECT_EQ(w.bad("a", "consume", w.consume_text("t2", "p9")), errc::producer_unknown);
  EXPECT_EQ(w.bad("a", "consume", w.consume_text("t1", "p2")), errc::wrong_direction);
  EXPECT_EQ(w.bad("a", "pause-producer", R"({"producerId":"p2"})"), errc::producer_unknown);
  EXPECT_EQ(w.bad("a", "resume-consumer", R"({"consumerId":"c9"})"), errc::consumer_unknown);
  EXPECT_EQ(w.bad("a", "restart-ice", R"({"transportId":"t3"})"), errc::transport_unknown);
  EXPECT_EQ(w.bad("a", "get-stats", R"({"producerId":"p2"})"), errc::producer_unknown);
  EXPECT_EQ(w.bad("a", "get-stats", "{}"), errc::missing_field);
  EXPECT_EQ(w.bad("a", "nothing", "{}"), errc::unknown_message);
}

TEST(desk, what_the_relay_refuses_is_told_in_the_tables_words) {
  a_call w;
  const auto connect =
      R"({"transportId":"t1","dtlsParameters":{"fingerprints":[{"algorithm":"sha-256","value":"AA"}]}})";
  w.relay.next = refusal::already_connected;
  EXPECT_EQ(w.bad("a", "connect-transport", connect), errc::transport_connected);
  w.relay.next = refusal::stopped;
  EXPECT_EQ(w.bad("a", "create-transport", R"({"direction":"send"})"), errc::media_unavailable);
  EXPECT_EQ(failure_of(refusal::codec_mismatch).why, errc::cannot_consume);
  EXPECT_EQ(failure_of(refusal::too_many).why, errc::too_many_streams);
}

TEST(desk, a_client_without_the_codec_cannot_consume) {
  a_call w;
  const std::string deaf =
      R"({"transportId":"t2","producerId":"p2","rtpCapabilities":{"codecs":[{"mimeType":"audio/PCMU","preferredPayloadType":0,"clockRate":8000}]}})";
  EXPECT_EQ(w.bad("a", "consume", deaf), errc::cannot_consume);
}

TEST(desk, a_device_has_so_many_transports_and_no_more) {
  world w;
  for (std::size_t i = 0; i < limits::transports_per_device_max; ++i) w.transport("a", "send");
  EXPECT_EQ(w.bad("a", "create-transport", R"({"direction":"send"})"), errc::too_many_transports);
}

TEST(desk, a_transport_has_so_many_streams_and_no_more) {
  world w;
  const auto on = w.transport("a", "send");
  for (std::size_t i = 0; i < limits::streams_per_transport_max; ++i) w.produce("a", on);
  EXPECT_EQ(w.bad("a", "produce", R"({"transportId":"t1","kind":"audio",)" + opus + "}"),
            errc::too_many_streams);
}

TEST(desk, a_failed_dial_closes_what_was_made_for_it) {
  world w;
  w.transport("a", "send");
  w.transport("a", "receive");
  w.ack("a", w.before("a", "call:dial"), "");
  EXPECT_EQ(w.relay.take(), (std::vector<std::string>{"close t1", "close t2"}));
  EXPECT_EQ(w.it->count().transports, 0U);
}

TEST(desk, a_call_that_ended_while_it_was_dialled_leaves_nothing_behind) {
  world w;
  w.transport("a", "send");
  w.ack("a", w.before("a", "call:dial"));
  for (const auto& job : w.later) job();
  EXPECT_EQ(w.it->count().transports, 0U);
  EXPECT_EQ(w.it->count().calls, 0U);
}

TEST(desk, a_goodbye_of_dtls_ends_the_leg_in_ten_seconds) {
  a_call w;
  w.it->hear({transport_id{"t1"}, {}, happened::transport_connected{}});
  w.it->hear({transport_id{"t1"}, {}, happened::transport_closed{close_reason::close_notify}});
  EXPECT_EQ(w.told, std::vector<std::string>{"a webrtc:transport-lost"});
  w.now += 10'000;
  w.it->tick();
  EXPECT_EQ(w.ended, std::vector<std::string>{"a"});
}

TEST(desk, without_a_relay_the_answer_is_that_there_is_none) {
  world w;
  w.it->stop();
  EXPECT_EQ(w.bad("a", "get-router-capabilities", "{}"), errc::media_unavailable);
}

TEST(desk, figures_are_told) {
  a_call w;
  const auto got = w.said("a", "get-stats", R"({"producerId":"p1"})");
  std::int64_t packets = 0;
  EXPECT_TRUE(std::get<value>(got).find("stats")->find("packetCount")->as_integer(packets));
  EXPECT_EQ(packets, 7);
  EXPECT_TRUE(std::get<value>(w.said("a", "get-stats", R"({"transportId":"t1"})")).find("stats"));
}

} // namespace
} // namespace strowger::media
