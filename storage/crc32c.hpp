// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the SSE 4.2 instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace strowger::storage {

std::uint32_t crc32c(std::string_view bytes);

} // namespace strowger::storage
