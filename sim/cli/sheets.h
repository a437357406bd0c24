// Sheets of scripts, for those who print them and for those who mark them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "sim/cli/session.h"
#include "sim/sheet/sheet.h"
#include "sim/sheet/sheet_forms.h"

namespace bachsim {

// What `--format` may say of a sheet.
enum class SheetForm : std::uint8_t { Text, Markdown, Html, Moodle };

// The head of a sheet that is made with these KEY=VALUE words of --set.
[[nodiscard]] SheetHead head_of(std::string_view name, const std::vector<std::string>& settings);

// The sheet of a session's script, with the answers of a run if `answers`. If it cannot be made, what is wrong has gone
// to standard error, and this is the exit status.   REQUIRES: the session is configured, as the head says
[[nodiscard]] std::expected<Sheet, int> sheet_of(Session& session, SheetHead head, bool answers,
                                                 const RunOptions& options = {});

// The sheets in that form; Moodle's are one question bank.
[[nodiscard]] std::string sheets_text(const std::vector<Sheet>& sheets, SheetForm form, const SheetChoice& choice);

}  // namespace bachsim
