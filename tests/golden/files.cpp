#include "tests/golden/files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace strowger::golden {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t digits_per_line = 64;

fs::path file_of(const std::string& tag, std::size_t shape) {
  const auto number = shape == 1 ? std::string{} : "." + std::to_string(shape);
  return fs::path{STROWGER_GOLDEN_EVENTS} / (tag + number + ".hex");
}

std::string to_hex(const std::string& bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  std::size_t in_line = 0;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
    if ((in_line += 2) % digits_per_line == 0) text += '\n';
  }
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

std::string from_hex(const fs::path& file) {
  std::ifstream in{file};
  std::string bytes, digits;
  for (char c; in.get(c);) {
    if (c == '\n') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  if (!digits.empty()) throw std::runtime_error{file.string() + ": half a byte"};
  return bytes;
}

} // namespace

std::vector<std::string> shapes_of(const std::string& tag) {
  std::vector<std::string> shapes;
  for (std::size_t n = 1; fs::exists(file_of(tag, n)); ++n)
    shapes.push_back(from_hex(file_of(tag, n)));
  return shapes;
}

void add_shape(const std::string& tag, const std::string& bytes) {
  const auto file = file_of(tag, shapes_of(tag).size() + 1);
  fs::create_directories(file.parent_path());
  std::ofstream out{file};
  if (!(out << to_hex(bytes))) throw std::runtime_error{"cannot write " + file.string()};
}

std::vector<std::string> tags_on_disk() {
  std::vector<std::string> tags;
  for (const auto& entry : fs::directory_iterator{STROWGER_GOLDEN_EVENTS}) {
    auto name = entry.path().stem(); // kind.event.v1 or kind.event.v1.2
    if (name.extension().string().substr(0, 2) != ".v") name = name.stem();
    tags.push_back(name.string());
  }
  std::ranges::sort(tags);
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

bool may_write() {
  const char* set = std::getenv("STROWGER_WRITE_GOLDEN");
  return set && std::string_view{set} == "1";
}

} // namespace strowger::golden
