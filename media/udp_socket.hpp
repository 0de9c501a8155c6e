// One UDP socket that moves datagrams by the batch: recvmmsg and sendmmsg, and where the kernel has
// them GRO (several datagrams of one sender at once) and GSO (several to one receiver). All memory
// is taken at the start. Not thread-safe.
#pragma once

#include "media/address.hpp"
#include "media/bytes.hpp"

#include <array>
#include <memory>
#include <string>

namespace strowger::media {

// Where datagrams go: one per peer, kept by the caller; it remembers the group that is being built.
struct udp_peer {
  address to;
  std::array<std::uint8_t, 28> name{}; // a sockaddr_in or sockaddr_in6
  std::uint32_t name_bytes = 0;
  std::uint32_t group = 0;
  std::uint64_t batch = 0;
};

class udp_socket {
public:
  udp_socket();
  ~udp_socket();
  udp_socket(const udp_socket&) = delete;
  udp_socket& operator=(const udp_socket&) = delete;

  bool open(const std::string& ip, std::uint16_t port, std::string& why);
  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }
  udp_peer peer_of(const address& to) const;

  struct datagram {
    room content; // writable: it is decrypted in place
    address from;
    bool oversized = false; // cut off by the kernel, or larger than the relay takes
  };
  // Reads one batch and calls f(datagram&) for each; true when it was a full one: there may be
  // more. Before, soon(address, stage) is called for each address, with stages 0, 1 and 2 in turn,
  // some datagrams apart: time for what was fetched from memory to arrive.
  template <class F, class Soon> bool receive(F&& f, Soon&& soon) {
    const auto messages = receive_batch();
    constexpr std::size_t apart = 4;
    const auto announce = [&](std::size_t i, int stage) {
      if (i < messages) soon(sender(i), stage);
    };
    for (std::size_t i = 0; i < apart; ++i) {
      announce(i, 0);
      announce(i + apart, 0);
      announce(i + 2 * apart, 0);
    }
    for (std::size_t i = 0; i < apart; ++i) {
      announce(i, 1);
      announce(i + apart, 1);
    }
    for (std::size_t i = 0; i < apart; ++i) announce(i, 2);
    for (std::size_t i = 0; i < messages; ++i) {
      announce(i + 3 * apart, 0);
      announce(i + 2 * apart, 1);
      announce(i + apart, 2);
      datagram one;
      one.from = sender(i);
      for (std::size_t at = 0; next(i, at, one);) f(one);
    }
    return messages == messages_max;
  }

  // A place for a datagram of at most slot_bytes; then send() it, or leave it.
  static constexpr std::size_t slot_bytes = 1600, messages_max = 64;
  room slot();                                 // flushes when all are taken
  void send(udp_peer& to, std::size_t size);   // the slot's
  std::size_t flush();                         // sends all; how many were lost
  std::uint64_t lost() const { return lost_; } // since the start

private:
  void prepare(std::size_t message);
  std::size_t receive_batch();
  const address& sender(std::size_t message) const;
  bool next(std::size_t message, std::size_t& at, datagram& out);
  void flush_groups();
  void send_heads(std::size_t heads);

  int descriptor_ = -1;
  std::uint16_t port_ = 0;
  bool v6_ = false, segments_ = false;
  std::uint64_t lost_ = 0;
  struct batches;
  std::unique_ptr<batches> batches_;
};

} // namespace strowger::media
