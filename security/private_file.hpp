// For the .cpp files of this folder only: small files that only this user may read, whole or not
// there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace strowger::security {

// "key file <file>: <why>" as std::runtime_error.
[[noreturn]] void refuse_key_file(const std::filesystem::path& file, const std::string& why);

// Nothing when there is no such file. Throws std::runtime_error when others may read it, or when it
// cannot be read. At most 4 KiB count.
std::optional<std::string> read_private_file(const std::filesystem::path& file);

// Mode 0600, the whole file or none of it, and on the disk when this returns: written beside,
// synced, then renamed. Throws std::runtime_error.
void write_private_file(const std::filesystem::path& file, const std::string& text);

} // namespace strowger::security
