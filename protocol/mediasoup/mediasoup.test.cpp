#include "protocol/mediasoup/mediasoup.hpp"

#include "protocol/json.hpp"
#include "protocol/mediasoup/seen.hpp"

#include <gtest/gtest.h>

#include <random>

namespace strowger::protocol::mediasoup {
namespace {

value tree(const std::string& text) { return std::get<value>(parse_json(text)); }
template <class T> T good(outcome<T> out) {
  if (const auto* why = std::get_if<failure>(&out)) throw std::runtime_error(why->detail);
  return std::get<T>(std::move(out));
}
template <class T> std::string refused(errc why, const outcome<T>& out) {
  const auto* f = std::get_if<failure>(&out);
  if (!f) return "accepted";
  EXPECT_EQ(f->why, why) << f->detail;
  return f->detail;
}
// The first member of this name, wherever it is, becomes this text of JSON.
std::string with(std::string text, const std::string& name, const std::string& content) {
  const auto key = "\"" + name + "\":";
  const auto from = text.find(key) + key.size();
  auto end = from;
  for (int depth = 0; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '{' || c == '[') ++depth;
    if ((c == ',' || c == '}' || c == ']') && depth == 0) break;
    if (c == '}' || c == ']') --depth;
  }
  return text.replace(from, end - from, content);
}
rtp_capabilities chromium() {
  const auto text =
      R"({"transportId":"t2","producerId":"p1","rtpCapabilities":)" + seen::capabilities + "}";
  return good(parse_consume(tree(text))).capabilities;
}

TEST(mediasoup, what_chromium_produces_is_read) {
  const auto opus = good(parse_produce(tree(seen::produce_opus)));
  EXPECT_EQ(opus.kind, media_kind::audio);
  ASSERT_EQ(opus.rtp.codecs.size(), 1U);
  EXPECT_EQ(opus.rtp.codecs[0].mime, "audio/opus");
  EXPECT_EQ(opus.rtp.codecs[0].payload_type, 111);
  EXPECT_EQ(opus.rtp.codecs[0].channels, 2);
  EXPECT_EQ(opus.rtp.encodings[0].ssrc, 3168893402U);
  EXPECT_EQ(opus.rtp.extensions.size(), 3U);
  EXPECT_EQ(opus.rtp.cname, "UgEAj0WASbeFeL+h");
  EXPECT_FALSE(unsupported(opus.rtp, media_kind::audio));

  const auto video = good(parse_produce(tree(seen::produce_vp8)));
  EXPECT_EQ(video.kind, media_kind::video);
  EXPECT_EQ(video.rtp.codecs.size(), 2U);
  EXPECT_NE(video.rtp.encodings[0].rtx_ssrc, 0U);
  EXPECT_FALSE(unsupported(video.rtp, media_kind::video));
}

TEST(mediasoup, a_connect_is_read) {
  const auto in = good(parse_connect_transport(tree(seen::connect)));
  EXPECT_EQ(in.role, dtls_role::client);
  EXPECT_EQ(in.fingerprints.at(0).algorithm, "sha-256");
  EXPECT_EQ(in.fingerprints.at(0).value.size(), 95U);
}

TEST(mediasoup, a_consumer_speaks_the_routers_numbers) {
  const auto opus = good(parse_produce(tree(seen::produce_opus)));
  const auto got = consumer_parameters(opus.rtp, media_kind::audio, chromium());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->codecs.at(0).payload_type, 100);
  EXPECT_EQ(got->codecs.at(0).parameters, opus.rtp.codecs[0].parameters);
  EXPECT_EQ(got->cname, opus.rtp.cname);
  EXPECT_TRUE(got->mid.empty());
  ASSERT_EQ(got->encodings.size(), 1U);
  for (const auto& e : got->extensions) EXPECT_EQ(e.uri.find("sdes:mid"), std::string::npos);

  const auto pcmu = good(parse_produce(tree(seen::produce_pcmu)));
  EXPECT_EQ(consumer_parameters(pcmu.rtp, media_kind::audio, chromium())->codecs[0].payload_type,
            0);

  const auto vp8 = good(parse_produce(tree(seen::produce_vp8)));
  const auto video = consumer_parameters(vp8.rtp, media_kind::video, chromium());
  ASSERT_EQ(video->codecs.size(), 2U);
  EXPECT_EQ(video->codecs[1].payload_type, 102);
  EXPECT_EQ(std::get<std::int64_t>(video->codecs[1].parameters[0].second), 101);
}

TEST(mediasoup, nothing_is_consumed_without_a_common_codec) {
  const auto opus = good(parse_produce(tree(seen::produce_opus)));
  auto deaf = chromium();
  std::erase_if(deaf.codecs, [](const codec& c) { return c.mime == "audio/opus"; });
  EXPECT_FALSE(consumer_parameters(opus.rtp, media_kind::audio, deaf));
  auto other = chromium();
  for (auto& c : other.codecs)
    if (c.mime == "audio/opus") c.payload_type = 111; // not the number that was announced
  EXPECT_FALSE(consumer_parameters(opus.rtp, media_kind::audio, other));
}

TEST(mediasoup, retransmission_is_left_out_where_one_end_has_none) {
  const auto vp8 = good(parse_produce(tree(seen::produce_vp8)));
  auto plain = chromium();
  std::erase_if(plain.codecs, [](const codec& c) { return c.repairs(); });
  EXPECT_EQ(consumer_parameters(vp8.rtp, media_kind::video, plain)->codecs.size(), 1U);
}

TEST(mediasoup, codecs_that_are_not_forwarded_are_named) {
  auto in = good(parse_produce(tree(with(seen::produce_opus, "mimeType", "\"audio/speex\""))));
  EXPECT_EQ(unsupported(in.rtp, media_kind::audio)->why, errc::codec_not_supported);
  EXPECT_EQ(unsupported(in.rtp, media_kind::audio)->detail, "audio/speex");
  in = good(parse_produce(tree(with(seen::produce_opus, "channels", "1"))));
  EXPECT_TRUE(unsupported(in.rtp, media_kind::audio)); // Opus says two, always (RFC 7587)
  in = good(parse_produce(tree(seen::produce_opus)));
  EXPECT_TRUE(unsupported(in.rtp, media_kind::video));
}

TEST(mediasoup, h264_profiles_are_told_apart_and_levels_are_not) {
  const auto h264 = [](std::string profile, std::int64_t mode) {
    return codec{"video/H264",
                 96,
                 90'000,
                 1,
                 {{"profile-level-id", std::move(profile)}, {"packetization-mode", mode}},
                 {}};
  };
  EXPECT_EQ(router_codec(h264("42E01F", 1))->payload_type, 103);
  EXPECT_EQ(router_codec(h264("42e034", 1))->payload_type, 103);
  EXPECT_EQ(router_codec(h264("42001f", 1))->payload_type, 105);
  EXPECT_EQ(router_codec(h264("42e01f", 0)), nullptr);
  EXPECT_EQ(router_codec(h264("640c1f", 1)), nullptr);
}

TEST(mediasoup, every_wrong_member_is_named_by_its_path) {
  const auto bad = [](errc why, const std::string& name, const std::string& content) {
    return refused(why, parse_produce(tree(with(seen::produce_opus, name, content))));
  };
  EXPECT_EQ(bad(errc::value_out_of_range, "kind", "\"text\""), "kind");
  EXPECT_EQ(bad(errc::missing_field, "transportId", "null"), "transportId");
  EXPECT_EQ(bad(errc::wrong_type, "rtpParameters", "7"), "rtpParameters");
  EXPECT_EQ(bad(errc::missing_field, "rtpParameters", "null"), "rtpParameters");
  EXPECT_EQ(bad(errc::wrong_type, "codecs", "{}"), "rtpParameters.codecs");
  EXPECT_EQ(bad(errc::value_out_of_range, "codecs", "[]"), "rtpParameters.codecs");
  EXPECT_EQ(bad(errc::value_out_of_range, "payloadType", "128"),
            "rtpParameters.codecs[0].payloadType");
  EXPECT_EQ(bad(errc::wrong_type, "clockRate", "\"48000\""), "rtpParameters.codecs[0].clockRate");
  EXPECT_EQ(bad(errc::value_out_of_range, "mimeType", "\"opus\""),
            "rtpParameters.codecs[0].mimeType");
  EXPECT_EQ(bad(errc::wrong_type, "minptime", "[]"), "rtpParameters.codecs[0].parameters.minptime");
  EXPECT_EQ(bad(errc::value_out_of_range, "ssrc", "0"), "rtpParameters.encodings[0].ssrc");
  EXPECT_EQ(bad(errc::value_out_of_range, "id", "0"), "rtpParameters.headerExtensions[0].id");
  EXPECT_EQ(
      refused(errc::value_out_of_range, parse_create_transport(tree(R"({"direction":"up"})"))),
      "direction");
  EXPECT_EQ(refused(errc::value_out_of_range,
                    parse_connect_transport(tree(with(seen::connect, "value", "\"zz\"")))),
            "dtlsParameters.fingerprints[0].value");
  EXPECT_EQ(refused(errc::value_out_of_range,
                    parse_connect_transport(tree(with(seen::connect, "role", "\"x\"")))),
            "dtlsParameters.role");
  EXPECT_EQ(refused(errc::missing_field, parse_consume(tree(R"({"transportId":"t"})"))),
            "producerId");
  EXPECT_EQ(refused(errc::missing_field, parse_about(tree("{}"), {subject::producer})),
            "producerId");
}

TEST(mediasoup, the_same_payload_type_twice_is_refused) {
  auto text = seen::produce_vp8;
  const auto at = text.find("\"payloadType\":97");
  EXPECT_EQ(refused(errc::value_out_of_range,
                    parse_produce(tree(text.replace(at, 16, "\"payloadType\":96")))),
            "rtpParameters.codecs");
}

TEST(mediasoup, a_transport_has_both_its_names) {
  const auto told = render(
      transport_view{"t1", "uf", "pw", {{"1", 7, "127.0.0.1", 5004}}, {{"sha-256", "AA:BB"}}});
  EXPECT_EQ(write_json(told),
            R"({"id":"t1","transportId":"t1","iceParameters":{"usernameFragment":"uf",)"
            R"("password":"pw","iceLite":true},"iceCandidates":[{"foundation":"1","priority":7,)"
            R"("ip":"127.0.0.1","address":"127.0.0.1","protocol":"udp","port":5004,)"
            R"("type":"host"}],"dtlsParameters":{"role":"auto","fingerprints":[)"
            R"({"algorithm":"sha-256","value":"AA:BB"}]}})");
}

TEST(mediasoup, what_is_rendered_of_a_consumer_always_has_a_cname_and_encodings) {
  const auto opus = good(parse_produce(tree(seen::produce_opus)));
  auto got = *consumer_parameters(opus.rtp, media_kind::audio, chromium());
  got.encodings[0].ssrc = 7;
  const auto told = render(got);
  EXPECT_EQ(*told.find("rtcp")->find("cname")->as_text(), opus.rtp.cname);
  EXPECT_EQ(write_json(*told.find("encodings")), R"([{"ssrc":7}])");
  EXPECT_EQ(told.find("mid"), nullptr);
}

TEST(mediasoup, the_routers_own_capabilities_are_read_again) {
  value all{value::object{}};
  all.set("transportId", "t")
      .set("producerId", "p")
      .set("rtpCapabilities", render(router_capabilities()));
  EXPECT_EQ(good(parse_consume(all)).capabilities, router_capabilities());
}

TEST(mediasoup, mutated_messages_never_break_the_parser) {
  const std::string messages[] = {seen::produce_opus, seen::produce_vp8, seen::connect,
                                  R"({"transportId":"t2","producerId":"p1","rtpCapabilities":)" +
                                      seen::capabilities + "}"};
  std::mt19937 random{20261122};
  std::size_t read = 0, refusals = 0;
  for (int i = 0; i < 8'000; ++i) {
    auto text = messages[i % std::size(messages)];
    for (int n = 1 + static_cast<int>(random() % 3); n > 0; --n) {
      const auto at = random() % text.size();
      if (random() % 2 == 0)
        text[at] = "0123456789{}[]\",:xn"[random() % 19];
      else
        text.erase(at, 1 + random() % 4);
    }
    const auto parsed = parse_json(text);
    if (!std::holds_alternative<value>(parsed)) continue;
    const auto& data = std::get<value>(parsed);
    const auto made = parse_produce(data);
    std::holds_alternative<failure>(made) ? ++refusals : ++read;
    if (const auto* p = std::get_if<produce>(&made)) {
      unsupported(p->rtp, p->kind);
      consumer_parameters(p->rtp, p->kind, router_capabilities());
    }
    parse_connect_transport(data);
    parse_consume(data);
    parse_create_transport(data);
  }
  EXPECT_GT(read, 20U);
  EXPECT_GT(refusals, 20U);
}

} // namespace
} // namespace strowger::protocol::mediasoup
