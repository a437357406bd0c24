// Sheets of scripts, for those who print them and for those who mark them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/session.h"
#include "sim/sheet/sheet.h"
#include "sim/sheet/sheet_forms.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {

// What `--format` may say of a sheet.
enum class SheetForm : std::uint8_t { Text, Markdown, Html, Moodle };

// The head of a sheet of the script `name`, made with these choices.
[[nodiscard]] SheetHead head_of(std::string_view name, const StageChoices& stage);

// The sheet of a session's script, with the answers of a run if `answers`. If it cannot be made, what is wrong has gone
// to standard error, and this is the exit status.   REQUIRES: the session is configured, as the head says
[[nodiscard]] std::expected<Sheet, int> sheet_of(Session& session, SheetHead head, bool answers,
                                                 const RunOptions& options = {});

struct SheetOrder {
  SheetForm form = SheetForm::Text;
  SheetChoice choice{};
  const StageChoices& stage;
  ColorWhen color = ColorWhen::Auto;  // of errors
};

// Writes the sheets of scripts, Moodle's as one question bank. Returns the worst exit status, as above.
int write_sheets(const std::vector<const TextbookScript*>& scripts, const SheetOrder& order, Sink& output);

// What is wrong with a word of --format; nothing if it is taken: a form of sheets, or `json`.
[[nodiscard]] std::string take_format(const std::string& word, bool& json, std::optional<SheetForm>& form);

}  // namespace bachsim
