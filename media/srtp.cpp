#include "media/srtp.hpp"

#include "media/replay_window.hpp"
#include "media/rtp.hpp"
#include "media/srtp_keys.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/crypto.h>
#include <vector>

namespace strowger::media {
namespace {

using state = srtp_session::state;

constexpr std::size_t rtcp_header_bytes = 8;
constexpr std::uint32_t encrypted = 0x80000000; // the E bit before the SRTCP index

struct source { // of one direction
  std::uint32_t ssrc = 0;
  replay_window rtp, rtcp;
};

// RFC 3711, section 3.3.1: the rollover counter that fits best. False: before the first packet.
bool index_of(const replay_window& seen, std::uint16_t sequence, std::uint64_t& out) {
  if (!seen.any()) {
    out = sequence;
    return true;
  }
  const auto last = static_cast<std::uint16_t>(seen.highest());
  auto rollover = seen.highest() >> 16;
  if (last < 0x8000) {
    if (sequence > last + 0x8000) {
      if (rollover == 0) return false;
      --rollover;
    }
  } else if (sequence < last - 0x8000) {
    ++rollover;
  }
  out = rollover << 16 | sequence;
  return true;
}

using iv_bytes = std::array<std::uint8_t, 16>;

// AES-CM, RFC 3711, section 4.1.1; the last two bytes count the blocks.
iv_bytes counter_iv(const srtp_cipher& with, std::uint32_t ssrc, std::uint64_t index) {
  iv_bytes out{};
  write32(&out[4], ssrc);
  write16(&out[8], static_cast<std::uint32_t>(index >> 32));
  write32(&out[10], static_cast<std::uint32_t>(index));
  for (std::size_t i = 0; i < 14; ++i) out[i] ^= with.salt()[i];
  return out;
}

// AES-GCM, RFC 7714, sections 8.1 and 9.1: both come to 48 bits of index behind the SSRC.
iv_bytes gcm_iv(const srtp_cipher& with, std::uint32_t ssrc, std::uint64_t index) {
  iv_bytes out{};
  write32(&out[2], ssrc);
  write16(&out[6], static_cast<std::uint32_t>(index >> 32));
  write32(&out[8], static_cast<std::uint32_t>(index));
  for (std::size_t i = 0; i < 12; ++i) out[i] ^= with.salt()[i];
  return out;
}

struct alignas(64) way {       // one direction
  std::vector<source> sources; // few; the caller bounds them
  std::uint32_t rtcp_index = 0;
  srtp_cipher rtp, rtcp;

  bool make(srtp_profile which, const srtp_key& key, bool encrypts) {
    return rtp.make(which, key, 0, encrypts) && rtcp.make(which, key, 3, encrypts);
  }
  source* find(std::uint32_t ssrc) {
    const auto found =
        std::ranges::find_if(sources, [&](const source& s) { return s.ssrc == ssrc; });
    return found == sources.end() ? nullptr : &*found;
  }
  source& keep(source* known, std::uint32_t ssrc) { // only for what is authentic
    if (known) return *known;
    sources.push_back({ssrc, {}, {}});
    return sources.back();
  }
  void forget(std::uint32_t ssrc) {
    std::erase_if(sources, [&](const source& s) { return s.ssrc == ssrc; });
  }
  srtp_session::memory memory() const { // AES-CM also needs its states of SHA-1, at the end
    const auto* first = reinterpret_cast<const std::uint8_t*>(this);
    const auto* past = reinterpret_cast<const std::uint8_t*>(&rtp) + sizeof rtp;
    constexpr std::size_t gcm_lines = 6;
    return {this, rtp.aead() ? gcm_lines : static_cast<std::size_t>(past - first) / 64,
            sources.data()};
  }
};

const replay_window nothing_seen;

// Fixed header, sources and extension; 0: cut off.
std::size_t header_bytes(const std::uint8_t* packet, std::size_t size) {
  if (size < rtp_header_bytes || packet[0] >> 6 != 2) return 0;
  std::size_t out = rtp_header_bytes + (packet[0] & 15) * 4U;
  if (packet[0] & 0x10) {
    if (size < out + 4) return 0;
    out += 4 + read16(packet + out + 2) * 4U;
  }
  return out <= size ? out : 0;
}

std::array<std::uint8_t, 4> word(std::uint32_t v) {
  std::array<std::uint8_t, 4> out;
  write32(out.data(), v);
  return out;
}

state unprotect(way& in, std::uint8_t* packet, std::size_t& size) {
  auto& with = in.rtp;
  const auto tag = with.tag_bytes();
  if (size < tag + rtp_header_bytes) return state::failed;
  const auto plain = size - tag;
  const auto head = header_bytes(packet, plain);
  if (head == 0) return state::failed;
  const auto ssrc = read32(packet + 8);
  auto* known = in.find(ssrc);
  const auto& seen = known ? known->rtp : nothing_seen;
  std::uint64_t index = 0;
  if (!index_of(seen, read16(packet + 2), index) || !seen.fresh(index)) return state::replayed;
  const room content{packet + head, plain - head};
  if (with.aead()) {
    const auto iv = gcm_iv(with, ssrc, index);
    if (!with.open(iv.data(), {packet, head}, {}, content, packet + plain)) return state::bad;
  } else {
    std::array<std::uint8_t, 10> wanted;
    with.tag({packet, plain}, word(static_cast<std::uint32_t>(index >> 16)), wanted.data());
    if (CRYPTO_memcmp(wanted.data(), packet + plain, tag) != 0) return state::bad;
    with.counter(counter_iv(with, ssrc, index).data(), content);
  }
  in.keep(known, ssrc).rtp.saw(index);
  size = plain;
  return state::ok;
}

state protect(way& out, std::uint8_t* packet, std::size_t& size) {
  auto& with = out.rtp;
  const auto head = header_bytes(packet, size);
  if (head == 0) return state::failed;
  const auto ssrc = read32(packet + 8);
  auto& to = out.keep(out.find(ssrc), ssrc);
  std::uint64_t index = 0;
  if (!index_of(to.rtp, read16(packet + 2), index) || !to.rtp.fresh(index)) return state::replayed;
  to.rtp.saw(index); // never the same counter twice, whatever happens next
  const room content{packet + head, size - head};
  if (with.aead()) {
    const auto iv = gcm_iv(with, ssrc, index);
    if (!with.seal(iv.data(), {packet, head}, {}, content, packet + size)) return state::failed;
  } else {
    with.counter(counter_iv(with, ssrc, index).data(), content);
    with.tag({packet, size}, word(static_cast<std::uint32_t>(index >> 16)), packet + size);
  }
  size += with.tag_bytes();
  return state::ok;
}

state unprotect_control(way& in, std::uint8_t* packet, std::size_t& size) {
  auto& with = in.rtcp;
  const auto tag = with.tag_bytes();
  if (size < rtcp_header_bytes + tag + 4 || packet[0] >> 6 != 2) return state::failed;
  const auto plain = size - tag - 4;
  const auto* trailer = packet + (with.aead() ? size - 4 : plain); // the tag is before or after it
  const auto said = read32(trailer);
  if (!(said & encrypted)) return state::failed; // we never agree to less
  const auto index = said & ~encrypted;
  const auto ssrc = read32(packet + 4);
  auto* known = in.find(ssrc);
  if (known && !known->rtcp.fresh(index)) return state::replayed;
  const room content{packet + rtcp_header_bytes, plain - rtcp_header_bytes};
  if (with.aead()) {
    const auto iv = gcm_iv(with, ssrc, index);
    if (!with.open(iv.data(), {packet, rtcp_header_bytes}, word(said), content, packet + plain))
      return state::bad;
  } else {
    std::array<std::uint8_t, 10> wanted;
    with.tag({packet, plain + 4}, {}, wanted.data());
    if (CRYPTO_memcmp(wanted.data(), packet + plain + 4, tag) != 0) return state::bad;
    with.counter(counter_iv(with, ssrc, index).data(), content);
  }
  in.keep(known, ssrc).rtcp.saw(index);
  size = plain;
  return state::ok;
}

state protect_control(way& out, std::uint8_t* packet, std::size_t& size) {
  auto& with = out.rtcp;
  if (size < rtcp_header_bytes || out.rtcp_index == ~encrypted) return state::failed;
  const auto index = ++out.rtcp_index; // one count for all: each SSRC's rises
  const auto ssrc = read32(packet + 4);
  const room content{packet + rtcp_header_bytes, size - rtcp_header_bytes};
  const auto said = word(encrypted | index);
  if (with.aead()) {
    const auto iv = gcm_iv(with, ssrc, index);
    if (!with.seal(iv.data(), {packet, rtcp_header_bytes}, said, content, packet + size))
      return state::failed;
    std::memcpy(packet + size + 16, said.data(), said.size());
  } else {
    with.counter(counter_iv(with, ssrc, index).data(), content);
    std::memcpy(packet + size, said.data(), said.size());
    with.tag({packet, size + 4}, {}, packet + size + 4);
  }
  size += with.tag_bytes() + 4;
  return state::ok;
}

} // namespace

std::string_view name_of(srtp_profile which) {
  switch (which) {
  case srtp_profile::aead_aes_128_gcm:
    return "AEAD_AES_128_GCM";
  case srtp_profile::aead_aes_256_gcm:
    return "AEAD_AES_256_GCM";
  case srtp_profile::aes128_cm_sha1_80:
    break;
  }
  return "AES128_CM_SHA1_80";
}

std::size_t key_bytes(srtp_profile which) {
  return which == srtp_profile::aead_aes_256_gcm ? 32 : 16;
}
std::size_t salt_bytes(srtp_profile which) {
  return which == srtp_profile::aes128_cm_sha1_80 ? 14 : 12;
}

struct srtp_session::parts {
  way in, out;
};

srtp_session::srtp_session(srtp_session&&) noexcept = default;
srtp_session& srtp_session::operator=(srtp_session&&) noexcept = default;
srtp_session::~srtp_session() = default;

std::optional<srtp_session> srtp_session::make(srtp_profile which, const srtp_key& from_peer,
                                               const srtp_key& to_peer) {
  srtp_session out;
  out.parts_ = std::make_unique<parts>();
  if (!out.parts_->in.make(which, from_peer, false) || !out.parts_->out.make(which, to_peer, true))
    return std::nullopt;
  return out;
}

srtp_session::state srtp_session::unprotect_rtp(std::uint8_t* packet, std::size_t& size) {
  return unprotect(parts_->in, packet, size);
}
srtp_session::state srtp_session::unprotect_rtcp(std::uint8_t* packet, std::size_t& size) {
  return unprotect_control(parts_->in, packet, size);
}
srtp_session::state srtp_session::protect_rtp(std::uint8_t* packet, std::size_t& size) {
  return protect(parts_->out, packet, size);
}
srtp_session::state srtp_session::protect_rtcp(std::uint8_t* packet, std::size_t& size) {
  return protect_control(parts_->out, packet, size);
}
srtp_session::memory srtp_session::inbound() const { return parts_->in.memory(); }
srtp_session::memory srtp_session::outbound() const { return parts_->out.memory(); }
void srtp_session::forget_inbound(std::uint32_t ssrc) { parts_->in.forget(ssrc); }
void srtp_session::forget_outbound(std::uint32_t ssrc) { parts_->out.forget(ssrc); }

} // namespace strowger::media
