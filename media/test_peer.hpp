// A WebRTC client for tests: ICE checks, DTLS and SRTP over a real socket on 127.0.0.1. It does
// nothing by itself; each method waits at most as long as it says.
#pragma once

#include "media/dtls.hpp"
#include "media/ice.hpp"
#include "media/rtcp.hpp"
#include "media/rtp.hpp"
#include "media/tcp_front.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace strowger::media {

using buffer = std::vector<std::uint8_t>;

class test_peer {
public:
  enum class over : std::uint8_t { udp, tcp };

  explicit test_peer(std::uint16_t relay_port, over how = over::udp,
                     const std::string& srtp_profiles = {});
  ~test_peer();
  test_peer(const test_peer&) = delete;
  test_peer& operator=(const test_peer&) = delete;

  const fingerprint& own() const { return context_->own(); }
  void move(); // another socket: another address

  // One connectivity check. The ERROR-CODE of the answer, 0 for a success that is whole and right,
  // -1 for silence.
  int check(const ice_parameters& with, bool nominate = true, bool controlled = false,
            int wait_ms = 500);
  buffer check_bytes(const ice_parameters& with, bool nominate = true, bool controlled = false);
  bool handshake(bool as_client = true, int wait_ms = 3000);
  void begin_handshake(); // the ClientHello and nothing after it
  void close_notify();
  std::string profile() const;

  // In plain; protected on the way out.
  void send_rtp(buffer plain);
  void send_rtcp(const rtcp::writer& from, bytes plain);
  static buffer rtp(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp,
                    std::uint8_t payload_type, bytes payload, bool marker = false);
  void send_raw(bytes datagram);
  const buffer& last_sent() const { return last_sent_; } // as it went

  struct packet {
    buffer plain;
    rtp_packet read; // looks into `plain`
  };
  std::optional<packet> receive_rtp(int wait_ms = 1000);
  std::optional<buffer> receive_rtcp(int wait_ms = 1000); // a compound
  void drain(int wait_ms = 30);                           // forgets what is under way
  bool closed_by_relay(int wait_ms = 1000);               // a close_notify came
  std::uint64_t undecipherable = 0;

  // For loads: the bare socket, and the keys after handshake().
  int descriptor() const { return socket_; }
  srtp_session& keys() { return *srtp_; }

private:
  void open();
  std::optional<buffer> receive(int wait_ms);
  void take(buffer datagram);
  bool step(std::chrono::steady_clock::time_point until);

  std::uint16_t port_;
  over how_;
  int socket_ = -1;
  address self_;
  std::unique_ptr<frame_reader> frames_;
  std::shared_ptr<dtls_context> context_;
  std::unique_ptr<dtls_association> dtls_;
  std::optional<srtp_session> srtp_;
  std::deque<buffer> raw_, stun_, rtp_, rtcp_;
  buffer last_sent_;
};

} // namespace strowger::media
