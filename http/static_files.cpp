#include "http/static_files.hpp"

#include "http/url.hpp"
#include "observe/log.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace strowger::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t total_bytes_max = 64 * 1024 * 1024;

std::string type_of(const fs::path& name) {
  struct known {
    std::string_view extension, type;
  };
  static constexpr std::array types{
      known{".html", "text/html; charset=utf-8"},
      known{".js", "text/javascript; charset=utf-8"},
      known{".css", "text/css; charset=utf-8"},
      known{".json", "application/json"},
      known{".map", "application/json"},
      known{".svg", "image/svg+xml"},
      known{".png", "image/png"},
      known{".ico", "image/x-icon"},
      known{".woff2", "font/woff2"},
      known{".wav", "audio/wav"},
      known{".mp3", "audio/mpeg"},
      known{".ogg", "audio/ogg"},
      known{".wasm", "application/wasm"},
      known{".txt", "text/plain; charset=utf-8"},
      known{".webmanifest", "application/manifest+json"},
  };
  const auto extension = name.extension().string();
  for (const auto& t : types)
    if (t.extension == extension) return std::string{t.type};
  return "application/octet-stream";
}

std::string etag_of(std::string_view content) { // FNV-1a: it tells versions apart, no more
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::ostringstream out;
  out << '"' << std::hex << hash << '-' << content.size() << '"';
  return out.str();
}

bool read(const fs::path& from, std::size_t& budget, static_file& out) {
  std::error_code ec;
  const auto size = fs::file_size(from, ec);
  if (ec || size > file_bytes_max || size > budget) return false;
  std::ifstream in{from, std::ios::binary};
  out.body.assign(std::istreambuf_iterator<char>{in}, {});
  if (in.bad()) return false;
  budget -= std::min<std::size_t>(budget, out.body.size());
  out.content_type = type_of(from);
  out.etag = etag_of(out.body);
  return true;
}

} // namespace

static_files static_files::load(const std::string& dir) {
  static_files out;
  if (dir.empty()) return out;
  std::size_t budget = total_bytes_max;
  const auto add = [&](const fs::path& from, std::string path, bool named) {
    static_file file;
    file.immutable_name = named;
    if (read(from, budget, file))
      out.files_.emplace(std::move(path), std::move(file));
    else
      log::warning("Page file not served", {{"file", from.string()}});
  };
  const fs::path root{dir};
  add(root / "index.html", "/", false);
  add(root / "check.html", "/check", false);
  std::error_code ec;
  for (auto it = fs::recursive_directory_iterator{root / "assets", ec};
       !ec && it != fs::recursive_directory_iterator{}; it.increment(ec))
    if (it->is_regular_file(ec) && !ec) {
      const auto name = fs::relative(it->path(), root, ec).generic_string();
      add(it->path(), "/" + name, true);
    }
  return out;
}

const static_file* static_files::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

void add_page_headers(headers& out, const http_request& request) {
  const auto host = request.header("host");
  // 'self' does not cover ws: in every browser.
  const std::string sockets =
      is_host_header(host) ? " ws://" + std::string{host} + " wss://" + std::string{host} : "";
  out.emplace_back("Content-Security-Policy",
                   "default-src 'self'; connect-src 'self'" + sockets +
                       "; img-src 'self' data:; media-src 'self' blob: mediastream:; "
                       "object-src 'none'; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'none'");
  out.emplace_back("X-Frame-Options", "DENY");
  out.emplace_back("Referrer-Policy", "no-referrer");
  out.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  out.emplace_back("Permissions-Policy",
                   "microphone=(self), camera=(self), display-capture=(self), geolocation=()");
}

} // namespace strowger::http
