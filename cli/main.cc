// strowger: the list of commands.
#include "cli/commands.hpp"
#include "config/options.hpp"
#include "config/print.hpp"
#include "storage/storage_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

using namespace strowger;

// One flag per option of the declared table that has one; a flag without a value means `true`.
struct table_flags {
  std::map<std::string, std::string> text;
  std::map<std::string, bool> on;

  void add_to(CLI::App& app) {
    for (const auto& o : config::options()) {
      if (o.flag.empty()) continue;
      const std::string name{o.flag};
      if (std::holds_alternative<bool config::settings::*>(o.where))
        app.add_flag(name, on[name], std::string{o.sentence});
      else
        app.add_option(name, text[name], std::string{o.sentence});
    }
  }
  std::vector<std::pair<std::string, std::string>> given(const CLI::App& app) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [name, value] : text)
      if (app.count(name) > 0) out.emplace_back(name, value);
    for (const auto& [name, value] : on)
      if (app.count(name) > 0) out.emplace_back(name, value ? "true" : "false");
    return out;
  }
};

struct settings_flags {
  std::string file;
  bool dev = false, lan = false;
  table_flags table;

  void add_to(CLI::App& app) {
    app.add_option("--config", file, "YAML file with settings");
    app.add_flag("--dev", dev, "loopback only, sample agents, no secrets needed");
    app.add_flag("--lan", lan, "with --dev: all interfaces, own certificate, random password");
    table.add_to(app);
  }
  config::loaded load(const CLI::App& app) const {
    config::input in;
    in.dev = dev;
    in.lan = lan;
    in.environment = config::take_environment();
    in.flags = table.given(app);
    if (!file.empty()) {
      in.file_name = file;
      in.file_text = config::read_text(file);
    }
    return config::load(in);
  }
};

int run_config(const std::string& what, const config::loaded& l) {
  if (what == "default") {
    std::cout << config::example_file();
    return cli::exit_ok;
  }
  std::cout << (what == "show" ? config::show_text(l) : config::check_text(l));
  return l.problems.empty() ? cli::exit_ok : cli::exit_config;
}

std::string data_dir_of(const std::string& given) {
  if (!given.empty()) return given;
  return config::load({}).values.data_dir;
}

void add_events(CLI::App& app, cli::events_options& o, int& code) {
  auto* events = app.add_subcommand("events", "print the log as JSON lines");
  events->add_option("--data", o.data_dir, "data folder");
  events->add_option("--stream", o.stream, "id of one stream");
  events->add_option("--kind", o.kind, "agent, extension, session, call, license");
  events->add_option("--tenant", o.tenant);
  events->add_option("--tag", o.tag, "event tag, e.g. call.answered.v1");
  events->add_option("--call", o.call, "everything that belongs to one call");
  events->add_option("--since", o.since, "RFC 3339");
  events->add_option("--until", o.until, "RFC 3339");
  events->add_option("--from", o.from, "first log position");
  events->add_option("--to", o.to, "last log position");
  events->add_flag("--reveal", o.reveal, "show personal fields in plain");
  events->callback([&o, &code] {
    o.data_dir = data_dir_of(o.data_dir);
    code = cli::events(o);
  });
}

void add_doctor(CLI::App& app, cli::doctor_options& o, int& code) {
  auto* doctor = app.add_subcommand("doctor", "check a running server step by step");
  doctor->add_option("--url", o.url, "the server, as browsers reach it");
  doctor->add_option("--username", o.username, "an agent to sign in as");
  doctor->add_option("--password", o.password)->envname("STROWGER_PASSWORD");
  doctor->add_option("--token", o.token, "instead of a sign-in")->envname("STROWGER_TOKEN");
  doctor->add_option("--ca", o.ca_file, "PEM file with certificates to trust too");
  doctor->add_flag("--insecure", o.insecure, "go on with an untrusted certificate");
  auto* doctor_call = doctor->add_subcommand("call", "say why a call would fail");
  doctor_call->add_option("from", o.from)->required();
  doctor_call->add_option("to", o.to)->required();
  doctor_call->fallthrough();
  doctor->callback([&o, &code] { code = cli::doctor(o); });
}

int run(int argc, char** argv) {
  CLI::App app{"Strowger: an event-sourced call server for browser telephony"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string{STROWGER_VERSION});
  int code = cli::exit_ok;

  auto* serve = app.add_subcommand("serve", "run the server");
  settings_flags serve_flags;
  serve_flags.add_to(*serve);
  serve->callback([&] {
    const auto loaded = serve_flags.load(*serve);
    code = cli::serve(config::valid(loaded), loaded);
  });

  auto* config_command = app.add_subcommand("config", "look at the settings");
  config_command->require_subcommand(1);
  std::map<std::string, settings_flags> config_flags;
  for (const auto* what : {"check", "show", "default"}) {
    auto* sub = config_command->add_subcommand(what);
    auto& flags = config_flags[what];
    flags.add_to(*sub);
    sub->callback([&, sub, what] { code = run_config(what, flags.load(*sub)); });
  }

  auto* replay = app.add_subcommand("replay", "fold the whole log again and compare");
  cli::replay_options replay_options;
  replay->add_option("--data", replay_options.data_dir, "data folder");
  replay->add_flag("--quiet", replay_options.quiet, "no progress");
  replay->callback([&] {
    replay_options.data_dir = data_dir_of(replay_options.data_dir);
    code = cli::replay(replay_options);
  });

  cli::events_options event_options;
  add_events(app, event_options, code);

  cli::doctor_options doctor_options;
  add_doctor(app, doctor_options, code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? cli::exit_ok : cli::exit_usage;
  }
  return code;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const strowger::config::config_error& error) {
    std::cerr << error.what() << '\n';
    return strowger::cli::exit_config;
  } catch (const strowger::storage::storage_error& error) {
    std::cerr << "strowger: " << error.what() << '\n';
    return strowger::cli::exit_storage;
  } catch (const std::exception& error) {
    std::cerr << "strowger: " << error.what() << '\n';
    return strowger::cli::exit_software;
  }
}
