// How a command reports on a run: the words of --report, and what becomes of a script that cannot be run.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "sim/cli/session.h"

namespace bachsim {

// The words of --report one by one, each of which has a report in this form; `fallback` if none are given. On failure,
// why, for the user.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> report_words(const std::vector<std::string>& given,
                                                                                bool json, std::string_view fallback);

// Whether one of them wants a Sample of each tick.
[[nodiscard]] bool wants_samples(std::span<const std::string> words);

// The report in the end of a run, as text: the views, each with an empty line before it.
void write_views(OutputFile& output, const Run& run, std::span<const std::string> words);
// As JSON.
void write_json(Sink& output, const Run& run, const JsonReport& json, const RunRecord& record,
                std::span<const std::string> words);

// The object that tells what is wrong with a script that Session::configure() has refused. Returns kUserError.
int refuse_in_json(OutputFile& output, const Session& session);
// The same into a file of --output.
int refuse_in_json(const std::string& path, const Session& session);

// The session's script as reports call it.
[[nodiscard]] std::string script_name(const Session& session);

}  // namespace bachsim
