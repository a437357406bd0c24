// Scripts as pages: one, and the textbook as a folder of them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/cli/session.h"
#include "sim/report/sink.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {

struct PageChoices {
  std::string_view name;   // of the script, as the page shows it
  std::string_view links;  // see PageRecord::write()
  RunOptions run{};
  bool progress = false;
};

// Runs a script and writes its page, also where the run is stopped. Returns the exit status; what is wrong has gone to
// standard error. Throws HostLimit where the host has no memory for the page.   REQUIRES: the session is configured
int write_page(Session& session, const PageChoices& choices, Sink& sink);

// Whether a page may go to this output: HTML is nothing for a terminal. Complains if not.
[[nodiscard]] bool takes_page(const std::string& output);

// Writes the textbook as a folder of pages: `folder` is made, or is empty, or holds an earlier site, which is replaced
// file by file. Returns the exit status, as above.
int write_site(const std::string& folder, std::span<const TextbookScript* const> scripts);

}  // namespace bachsim
