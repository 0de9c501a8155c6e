// Recordings of a call: start, pause, resume and stop one; which files there are; and each of them.
#include "http/handlers.hpp"

#include "protocol/describe.hpp"
#include "protocol/rest/rest.hpp"

#include <algorithm>

namespace strowger::http::handlers {
namespace {

void show(exchange& done, const answer::recordings& what) {
  protocol::value out{protocol::value::object{}};
  out.set("success", true);
  auto members = protocol::to_value(what);
  for (auto& m : *members.as_object()) out.set(m.name, std::move(m.content));
  done.reply(out);
}

} // namespace

void record_call(const exchange_ptr& x) {
  auto in = protocol::rest::parse_record(x->request.body);
  if (x->refused(in)) return;
  x->gateway().record(x->caller(), call_id{x->parameter("id")}, std::get<request::record>(in),
                      x->then<answer::recordings>(show));
}

void list_recordings(const exchange_ptr& x) {
  x->gateway().recordings(x->caller(), call_id{x->parameter("id")},
                          x->then<answer::recordings>(show));
}

void get_recording(const exchange_ptr& x) {
  x->gateway().recordings(
      x->caller(), call_id{x->parameter("id")},
      x->then<answer::recordings>([](exchange& done, const answer::recordings& all) {
        const auto& name = done.parameter("name");
        const auto it = std::ranges::find(all.files, name, &answer::recorded_file::file);
        // What the log names is no path of somebody's choice.
        if (it == all.files.end() || done.opt().recordings_dir.empty())
          return done.refuse({errc::recording_unknown, {}, 0});
        http_response out;
        out.content_type = name.ends_with(".wav") ? "audio/wav" : "audio/ogg";
        out.file = done.opt().recordings_dir + "/" + path_step(done.who.tenant.value) + "/" +
                   path_step(all.call.value) + "/" + it->file;
        out.fields = {{"ETag", "\"" + it->sha256 + "\""}};
        done.send(std::move(out));
      }));
}

} // namespace strowger::http::handlers
