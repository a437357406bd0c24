// Where the numbers of a textbook script come from, which is found out by a run in which nobody acts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "workloads/language/listener.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {

class Session;

// Expectations by their numbers. A number is given if it is there when nobody has acted: presets have put it in, or the
// machine begins with it. The others come out of the algorithms. They are computed if they are the book's, and
// reconstructed if they are not.
class Numbers {
 public:
  // Runs the script of `session`, and the run before it is over.   REQUIRES: session.configure() was true
  Numbers(Session& session, const TextbookScript& script);

  [[nodiscard]] std::size_t computed() const { return of_book_ ? idle_.size() - given_ : 0; }
  [[nodiscard]] std::size_t reconstructed() const { return of_book_ ? 0 : idle_.size() - given_; }
  [[nodiscard]] std::size_t given() const { return given_; }

  // `14 computed`, `14 reconstructed`.
  [[nodiscard]] std::string text() const;

  // Of these expectations, in the order of a run, those that hold, and by a number that is given.
  [[nodiscard]] std::vector<bool> are_given(std::span<const Expectation> run) const;

 private:
  bool of_book_;
  std::vector<Expectation> idle_;  // as they are when nobody acts
  std::size_t given_;
};

}  // namespace bachsim
