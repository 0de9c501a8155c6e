#include "protocol/sdp.hpp"

#include "core/limits.hpp"

#include <gtest/gtest.h>

namespace strowger::protocol {
namespace {

TEST(sdp, real_descriptions_pass) {
  for (const char* sdp :
       {"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n"
        "a=mid:0\r\n",
        "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=video 49170/2 RTP/AVP 31\n",
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 123456789 2 IN IP4..."}) // as short as seed 004 writes it
    EXPECT_EQ(sdp_fault(sdp), "") << sdp;
}

TEST(sdp, anything_else_is_told_why) {
  for (const std::string& sdp :
       {std::string{}, std::string{"hello"}, std::string{"v=0"}, std::string{"v=0\r\n"},
        std::string{"v=1\r\no=-\r\n"}, std::string{"o=-\r\nv=0\r\n"}, std::string{"v=0\r\ns=-\r\n"},
        std::string{"v=0\r\no=-\r\n\r\na=x\r\n"}, std::string{"v=0\r\no=-\r\nm=audio\r\n"},
        std::string{"v=0\r\no=-\r\nm=audio 99999 X 0\r\n"},
        std::string{"v=0\r\no=-\r\nm=audio 9 RTP/AVP \r\n"}, std::string{"v=0\r\no=-\r\nA=x\r\n"},
        std::string{"v=0\r\no=-\r\na=\0\r\n", 15},
        "v=0\r\no=-\r\na=" + std::string(limits::sdp_bytes_max, 'x')})
    EXPECT_NE(sdp_fault(sdp), "") << sdp.substr(0, 60);
}

TEST(candidate, real_ones_pass) {
  for (const char* text :
       {"", "candidate:1 1 UDP 2130706431 192.168.1.1 54321 typ host",
        "candidate:842163049 1 udp 1677729535 203.0.113.7 3478 typ srflx raddr 0.0.0.0 rport 0 "
        "generation 0 ufrag EsAw network-cost 999",
        "candidate:1 2 TCP 1 2001:db8::1 9 typ host tcptype active",
        "candidate:1 1 udp 2113937151 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 50000 typ host"})
    EXPECT_EQ(candidate_fault(text), "") << text;
}

TEST(candidate, anything_else_is_told_why) {
  for (const std::string& text : {std::string{"x"}, std::string{"candidate:"},
                                  std::string{"a=candidate:1 1 UDP 1 1.1.1.1 1 typ host"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 70000 typ host"},
                                  std::string{"candidate:1 x UDP 1 1.1.1.1 1 typ host"},
                                  std::string{"candidate:1 1 UDP 12345678901 1.1.1.1 1 typ host"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 1 host"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 1 typ"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 1 typ host raddr"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 1 typ host rport x"},
                                  std::string{"candidate:1 1 UDP 1 <script> 1 typ host"},
                                  std::string{"candidate:1 1 UDP 1 1.1.1.1 1 typ host\r\na=x"},
                                  "candidate:" + std::string(3000, '1')})
    EXPECT_NE(candidate_fault(text), "") << text.substr(0, 60);
}

TEST(dial_target, separators_go_and_noise_is_refused) {
  const auto dial = [](std::string_view text) {
    auto out = dial_target(text);
    const auto* number = std::get_if<std::string>(&out);
    return number ? *number : "refused";
  };
  EXPECT_EQ(dial("1001"), "1001");
  EXPECT_EQ(dial("+1 (555) 010-0199"), "+15550100199");
  EXPECT_EQ(dial("*43"), "*43");
  EXPECT_EQ(dial("front-desk"), "front-desk");
  EXPECT_EQ(dial(""), "refused");
  EXPECT_EQ(dial("a b"), "refused");
  EXPECT_EQ(dial("sip:x@y"), "refused");
  EXPECT_EQ(dial(std::string(33, '1')), "refused");
  EXPECT_EQ(dial("()"), "refused");
}

} // namespace
} // namespace strowger::protocol
