#include "bench/load/janus.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace strowger::load {
namespace {

namespace fs = std::filesystem;

std::string_view text_after(std::string_view in, std::string_view key) {
  const auto at = in.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = in.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

std::string number_after(std::string_view in, std::string_view key) {
  const auto at = in.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = in.substr(at + key.size());
  const auto digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return {rest.begin(), std::ranges::find_if_not(rest, digit)};
}

std::string ours(std::string_view type, std::string_view call) {
  return R"({"type":")" + std::string{type} + R"(","data":{"callId":")" + std::string{call} +
         "\"}}";
}

// One audio stream, G.711. `setup`: RFC 5763; the fingerprint is nobody's.
std::string jsep(std::string_view type, std::string_view setup) {
  std::string fingerprint = "AA";
  for (int i = 1; i < 32; ++i) fingerprint += ":AA";
  return R"({"type":")" + std::string{type} +
         R"(","sdp":"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n)"
         R"(m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 127.0.0.1\r\na=mid:0\r\na=sendrecv\r\n)"
         R"(a=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\n)"
         R"(a=fingerprint:sha-256 )" +
         fingerprint + R"(\r\na=setup:)" + std::string{setup} + R"(\r\na=rtpmap:0 PCMU/8000\r\n"})";
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream{path, std::ios::trunc} << text;
}

// All of `folder` but `kept`, as Janus wants them listed.
std::string all_but(const fs::path& folder, const std::string& kept) {
  std::string out;
  for (const auto& each : fs::directory_iterator{folder}) {
    const auto name = each.path().filename().string();
    if (!name.ends_with(".so") || name == kept) continue;
    out += (out.empty() ? "" : ",") + name;
  }
  return out;
}

fs::path modules() { // as Debian lays them out
  for (const auto& each : fs::directory_iterator{"/usr/lib"})
    if (const auto at = each.path() / "janus"; fs::exists(at / "plugins")) return at;
  throw std::runtime_error{"janus is not installed"};
}

} // namespace

std::vector<std::string> janus_command(const std::string& folder, std::uint16_t port) {
  const auto at = modules();
  const auto plugins = at / "plugins", transports = at / "transports";
  const auto quoted = [](const fs::path& p) { return " = \"" + p.string() + "\"\n"; };
  write_file(fs::path{folder} / "janus.jcfg",
             "general: {\n  configs_folder" + quoted(folder) + "  plugins_folder" +
                 quoted(plugins) + "  transports_folder" + quoted(transports) +
                 "  debug_level = 2\n  session_timeout = 0\n  event_loops = 2\n}\n"
                 "media: {\n  ipv6 = false\n}\n"
                 "plugins: {\n  disable" +
                 quoted(all_but(plugins, "libjanus_videocall.so")) + "}\ntransports: {\n  disable" +
                 quoted(all_but(transports, "libjanus_websockets.so")) + "}\n");
  write_file(fs::path{folder} / "janus.plugin.videocall.jcfg", "general: {\n}\n");
  write_file(
      fs::path{folder} / "janus.transport.websockets.jcfg",
      "general: {\n  json = \"compact\"\n  ws = true\n  ws_ip = \"127.0.0.1\"\n  ws_port = " +
          std::to_string(port) + "\n  wss = false\n}\nadmin: {\n  admin_ws = false\n}\n");
  return {"janus", "--configs-folder", folder, "--disable-colors"};
}

std::string janus_phone::first_words() const {
  return R"({"janus":"create","transaction":"create"})";
}

std::string janus_phone::signing_in(std::string_view text) {
  const auto answered = text_after(text, R"("transaction":")");
  const bool success = text_after(text, R"("janus":")") == "success";
  if (success && answered == "create") {
    session_ = number_after(text, R"("data":{"id":)");
    return R"({"janus":"attach","plugin":"janus.plugin.videocall","transaction":"attach",)"
           R"("session_id":)" +
           session_ + "}";
  }
  if (success && answered == "attach") {
    handle_ = number_after(text, R"("data":{"id":)");
    return message("register", R"("request":"register","username":")" + name_ + "\"", {});
  }
  registered_ = registered_ || text_after(text, R"("event":")") == "registered";
  return {};
}

std::string janus_phone::message(std::string_view what, std::string_view body,
                                 std::string_view sdp) const {
  std::string out = R"({"janus":"message","transaction":")" + std::string{what} +
                    R"(","session_id":)" + session_ + R"(,"handle_id":)" + handle_ +
                    R"(,"body":{)" + std::string{body} + "}";
  if (!sdp.empty()) out.append(R"(,"jsep":)").append(sdp);
  return out + "}";
}

std::string janus_phone::say(std::string_view type, std::string_view value) {
  static const auto offer = jsep("offer", "actpass"), answer = jsep("answer", "active");
  if (type == "call:answer") return message("accept", R"("request":"accept")", answer);
  if (type == "call:hangup") return message("hangup", R"("request":"hangup")", {});
  call_ = value;
  accepted_ = told_ = closed_ = false;
  return message("call", R"("request":"call","username":")" + call_ + "\"", offer);
}

janus_phone::news janus_phone::heard(std::string_view text) {
  const auto kind = text_after(text, R"("janus":")");
  if (kind == "error" || text.find(R"("error_code":)") != text.npos) return refused(text);
  if (kind == "hangup") {
    closed_ = true;
    return end_when_over();
  }
  if (kind != "event") return {};
  const auto what = text_after(text, R"("event":")"); // the plugin's result
  if (what == "incomingcall") {
    call_ = name_;
    accepted_ = told_ = closed_ = false;
    return {ours("call:incoming", call_), {}};
  }
  if (what == "calling") return {ours("call:ringing", call_), {}};
  if (what == "accepted") {
    accepted_ = true;
    return {ours("call:answered", call_), {}};
  }
  if (what != "hangup" || call_.empty() || told_) return {};
  told_ = true;
  auto out = end_when_over();
  if (!closed_) out.back = close();
  return out;
}

std::string janus_phone::close() const {
  return R"({"janus":"hangup","transaction":"close","session_id":)" + session_ +
         R"(,"handle_id":)" + handle_ + "}";
}

janus_phone::news janus_phone::refused(std::string_view text) {
  const auto what = text_after(text, R"("transaction":")");
  if (what == "accept") return {{}, say("call:hangup", {})}; // the caller learns of it, too
  if (what != "call" || call_.empty()) return {};
  const auto failed = ours("call:failed", call_);
  call_.clear();
  return {failed, {}};
}

janus_phone::news janus_phone::end_when_over() {
  if (call_.empty() || !told_ || !closed_) return {};
  const auto over = ours(accepted_ ? "call:ended" : "call:failed", call_);
  call_.clear();
  return {over, {}};
}

} // namespace strowger::load
