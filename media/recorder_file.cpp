#include "media/recorder_file.hpp"

#include "core/limits.hpp"
#include "core/recording.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <vector>

namespace strowger::media {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view note_ending = ".open";
constexpr std::size_t names_tried_max = 256;
constexpr mode_t folder_mode = 0700, file_mode = 0600; // what people said is nobody else's business

fs::path folder_of(const std::string& root, const recording_key& key) {
  return fs::path{root} / path_step(key.tenant.value) / path_step(key.call.value);
}

bool make_folders(const std::string& root, const fs::path& inner) {
  std::error_code failed;
  fs::create_directories(inner, failed);
  if (failed) return false;
  for (auto each = inner; each.string().size() >= root.size(); each = each.parent_path())
    ::chmod(each.c_str(), folder_mode);
  return true;
}

void sync_folder(const fs::path& which) {
  const int folder = ::open(which.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

bool write_all(int to, std::span<const std::uint8_t> what) {
  while (!what.empty()) {
    const auto n = ::write(to, what.data(), what.size());
    if (n <= 0) return false;
    what = what.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// Whose file it is: a line each, ids have no line ends.
bool write_note(const fs::path& path, const recording_key& key, std::uint32_t leg, sound which) {
  const int note = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
  if (note < 0) return false;
  const auto text = key.tenant.value + "\n" + key.call.value + "\n" +
                    std::to_string(key.recording) + "\n" + std::to_string(leg) + "\n" +
                    std::to_string(static_cast<int>(which)) + "\n";
  const bool written =
      write_all(note, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}) &&
      ::fsync(note) == 0;
  ::close(note);
  return written;
}

std::optional<std::uint32_t> number_in(const std::string& line) {
  std::uint32_t out = 0;
  const auto [end, why] = std::from_chars(line.data(), line.data() + line.size(), out);
  if (why != std::errc{} || end != line.data() + line.size()) return std::nullopt;
  return out;
}

std::string sha256_of(int file) {
  static constexpr char digits[] = "0123456789abcdef";
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum{EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free};
  if (!sum || EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) != 1) return {};
  std::vector<std::uint8_t> part(1 << 16);
  if (::lseek(file, 0, SEEK_SET) != 0) return {};
  for (;;) {
    const auto n = ::read(file, part.data(), part.size());
    if (n < 0) return {};
    if (n == 0) break;
    EVP_DigestUpdate(sum.get(), part.data(), static_cast<std::size_t>(n));
  }
  std::array<std::uint8_t, 32> digest{};
  if (EVP_DigestFinal_ex(sum.get(), digest.data(), nullptr) != 1) return {};
  std::string out;
  for (const auto byte : digest) (out += digits[byte >> 4]) += digits[byte & 15];
  return out;
}

std::uint32_t serial_of(const std::string& path) { // of an Ogg stream: any that differs
  std::uint32_t out = 2'166'136'261U;
  for (const char c : path) out = (out ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return out;
}

} // namespace

recorder_file::recorder_file(sound which, int descriptor, std::string path, std::uint32_t recording,
                             std::uint32_t leg) :
    writer_(which, serial_of(path)),
    descriptor_(descriptor), path_(std::move(path)), recording_(recording), leg_(leg) {}

recorder_file::recorder_file(recorder_file&& from) noexcept :
    writer_(std::move(from.writer_)), descriptor_(std::exchange(from.descriptor_, -1)),
    path_(std::move(from.path_)), recording_(from.recording_), leg_(from.leg_),
    bytes_(from.bytes_) {}

recorder_file::~recorder_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<recorder_file> recorder_file::make(const std::string& root, const recording_key& key,
                                                 std::uint32_t leg, sound which) {
  const auto folder = folder_of(root, key);
  if (!make_folders(root, folder)) return std::nullopt;
  const auto first = "leg-" + std::to_string(leg);
  for (std::size_t n = 1; n <= names_tried_max; ++n) {
    const auto name =
        (n == 1 ? first : first + "-" + std::to_string(n)) + std::string{ending_of(which)};
    const auto path = folder / name;
    std::error_code ignored;
    if (fs::exists(path, ignored)) continue;
    if (!write_note(path.string() + std::string{note_ending}, key, leg, which)) {
      if (errno == EEXIST) continue;
      return std::nullopt;
    }
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
    if (made < 0) return std::nullopt;
    sync_folder(folder);
    recorder_file out{which, made, path.string(), key.recording, leg};
    if (!out.append(out.writer_.begin())) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

bool recorder_file::append(std::span<const std::uint8_t> what) {
  if (descriptor_ < 0 || !write_all(descriptor_, what)) return false;
  bytes_ += what.size();
  return true;
}

bool recorder_file::add(std::span<const std::uint8_t> payload, std::uint64_t silence) {
  return append(writer_.add(payload, silence));
}

bool recorder_file::sync() {
  if (!append(writer_.flush())) return false;
  const auto head = writer_.head();
  const auto size = static_cast<ssize_t>(head.size());
  if (size > 0 && ::pwrite(descriptor_, head.data(), head.size(), 0) != size) return false;
  return ::fdatasync(descriptor_) == 0;
}

std::optional<answer::recorded_file> recorder_file::end() {
  append(writer_.end()); // on a full disk what is there is still to be proved
  sync();
  const auto size = ::lseek(descriptor_, 0, SEEK_END);
  const auto sum = sha256_of(descriptor_);
  ::close(std::exchange(descriptor_, -1));
  if (size < 0 || sum.empty()) return std::nullopt;
  return answer::recorded_file{recording_,
                               leg_,
                               fs::path{path_}.filename().string(),
                               sum,
                               static_cast<std::uint64_t>(size),
                               writer_.length_ms()};
}

std::optional<left_open> mend_file(const std::string& note,
                                   const std::function<bool(const recording_key&)>& skip) {
  std::ifstream in{note};
  std::string tenant, call, recording, leg, which;
  if (!std::getline(in, tenant) || !std::getline(in, call) || !std::getline(in, recording) ||
      !std::getline(in, leg) || !std::getline(in, which))
    return std::nullopt;
  const auto n = number_in(recording), l = number_in(leg), kind = number_in(which);
  if (!n || !l || !kind || *kind > static_cast<std::uint32_t>(sound::alaw)) return std::nullopt;
  const recording_key key{tenant_id{tenant}, call_id{call}, *n};
  if (skip(key)) return std::nullopt;
  const auto path = note.substr(0, note.size() - note_ending.size());
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  if (failed || size > 2 * limits::recording_bytes_max) return std::nullopt;
  std::vector<std::uint8_t> content(size);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const auto got = ::read(file, content.data(), content.size());
  content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  const auto what = static_cast<sound>(*kind);
  const auto fixed = mend(what, content);
  const bool whole = ::ftruncate(file, static_cast<off_t>(fixed.bytes)) == 0 &&
                     ::pwrite(file, fixed.head.data(), fixed.head.size(), 0) ==
                         static_cast<ssize_t>(fixed.head.size()) &&
                     ::fsync(file) == 0;
  const auto sum = whole ? sha256_of(file) : std::string{};
  ::close(file);
  if (sum.empty()) return std::nullopt;
  return left_open{key,
                   {*n, *l, fs::path{path}.filename().string(), sum, fixed.bytes,
                    static_cast<std::int64_t>(fixed.samples * 1000 / rate_of(what))}};
}

void remove_note(const std::string& root, const recording_key& key, const std::string& file) {
  std::error_code ignored;
  fs::remove(folder_of(root, key) / (file + std::string{note_ending}), ignored);
}

std::vector<std::string> notes_below(const std::string& root) {
  std::vector<std::string> out;
  std::error_code failed;
  for (fs::recursive_directory_iterator at{root, failed}, end; !failed && at != end;
       at.increment(failed))
    if (at->path().extension() == note_ending) out.push_back(at->path().string());
  return out;
}

std::uint64_t free_bytes(const std::string& root) {
  struct statvfs found {};
  if (::statvfs(root.c_str(), &found) != 0) return 0;
  return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
}

} // namespace strowger::media
