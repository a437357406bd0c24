// syntax vim|vscode|words FILE: writes the words of the lexer, and of the machine's keys, to FILE as what editors color
// workloads by.
//
// `words` prints a line for each word, with its kind and a line of a workload in which it has that kind, for tests.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/ast.h"
#include "workloads/language/references.h"
#include "workloads/language/settings.h"
#include "workloads/language/words.h"

namespace {

using namespace bachsim;

// A set of words that have one color. Those further down win where several match in one place.
struct Kind {
  std::string_view name;
  std::string_view vim;     // the group of Vim's that it is linked to
  std::string_view vscode;  // the scope
  std::string_view before;  // where it stands, with {} for the word
  std::vector<std::string_view> words;
};

std::vector<Kind> kinds() {
  std::vector<std::string_view> keys;
  std::vector<std::string_view> values;
  for (const MachineKey& key : machine_keys()) {
    keys.push_back(key.name);
    values.insert(values.end(), key.words.begin(), key.words.end());
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return {{"Soft", "Keyword", "keyword.other", "{}", {kSoftWords.begin(), kSoftWords.end()}},
          {"Path", "Identifier", "variable.language", "{}", path_words()},
          {"Joining", "Keyword", "keyword.operator.word", "{}", joining_words()},
          {"Region", "Type", "storage.type", "{}", region_words()},
          {"Operation", "Function", "support.function", "{}", operation_words()},
          {"Statement", "Statement", "keyword.control", "{}", statement_words()},
          {"Format",
           "Constant",
           "constant.language",
           "as {}",
           {kReferenceFormatWords.begin(), kReferenceFormatWords.end()}},
          {"View", "Constant", "constant.language", "show {}", {kViewWords.begin(), kViewWords.end()}},
          {"Value", "Constant", "constant.language", "key={}", values},
          {"Key", "PreProc", "entity.other.attribute-name", "{}=1", keys}};
}

// One of the words, the longest that fits.
std::string alternatives(std::vector<std::string_view> words, std::string_view separator) {
  std::ranges::sort(words, std::greater{}, &std::string_view::size);
  return fmt::format("{}", fmt::join(words, separator));
}

// A place as what a regular expression looks back at: `show `, `as `, or what ends in `=`.
std::string_view in_front(const Kind& kind) {
  const std::string_view before = kind.before.substr(0, kind.before.find("{}"));
  return before == "key=" ? "=" : before;
}

std::string vim() {
  std::string text =
      "\" Colors of bachsim's workloads. Made of the lists of its lexer by cmake/syntax.cc.\n"
      "if exists(\"b:current_syntax\")\n  finish\nendif\nsyntax case match\n";
  for (const Kind& kind : kinds()) {
    std::string front(in_front(kind));
    if (front.ends_with(' ')) front = fmt::format("\\<{}\\s\\+", front.substr(0, front.size() - 1));
    front = front.empty() ? "[A-Za-z0-9_-]\\@1<!" : fmt::format("\\%({}\\)\\@<=", front);
    fmt::format_to(std::back_inserter(text),
                   "syntax match bachsim{} \"{}\\%({}\\)\\%([A-Za-z0-9_]\\|-[a-z]\\)\\@!{}\"\n", kind.name, front,
                   alternatives(kind.words, "\\|"), kind.name == "Key" ? "\\ze=" : "");
  }
  text +=
      "syntax match bachsimNumber "
      "\"[A-Za-z0-9_]\\@1<!\\%(0[xX]\\x\\+\\%(_\\x\\+\\)*\\|\\d\\+\\%(_\\d\\+\\)*\\)[KMG]\\=[A-Za-z0-9_]\\@!\"\n"
      "syntax region bachsimString start=+\"+ end=+\"+ oneline\n"
      "syntax match bachsimComment \"#.*$\"\n";
  for (const Kind& kind : kinds())
    fmt::format_to(std::back_inserter(text), "highlight default link bachsim{} {}\n", kind.name, kind.vim);
  for (const std::string_view name : {"Number", "String", "Comment"})
    fmt::format_to(std::back_inserter(text), "highlight default link bachsim{0} {0}\n", name);
  return text + "let b:current_syntax = \"bachsim\"\n";
}

// A pattern of the grammar, in which the first that matches wins.
std::string vscode_pattern(std::string_view scope, std::string_view match) {
  std::string escaped;
  for (const char c : match) escaped += c == '\\' || c == '"' ? std::string("\\") + c : std::string(1, c);
  return fmt::format("    {{ \"name\": \"{}.bachsim\", \"match\": \"{}\" }}", scope, escaped);
}

std::string vscode() {
  std::vector<std::string> patterns{
      vscode_pattern("comment.line.number-sign", "#.*$"), vscode_pattern("string.quoted.double", "\"[^\"]*\""),
      vscode_pattern("constant.numeric", "\\b(?:0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)[KMG]?\\b")};
  std::vector<Kind> all = kinds();
  std::ranges::reverse(all);
  for (const Kind& kind : all) {
    std::string front(in_front(kind));
    if (front.ends_with(' ')) front = "\\b" + front.substr(0, front.size() - 1) + "\\s";
    patterns.push_back(vscode_pattern(
        kind.vscode,
        fmt::format("(?<{})(?:{})(?![A-Za-z0-9_]|-[a-z]){}", front.empty() ? "![A-Za-z0-9_-]" : "=" + front,
                    alternatives(kind.words, "|"), kind.name == "Key" ? "(?==)" : "")));
  }
  return fmt::format(
      "{{\n  \"name\": \"bachsim workload\",\n  \"scopeName\": \"source.bachsim\",\n  \"patterns\": [\n{}\n  ]\n}}\n",
      fmt::join(patterns, ",\n"));
}

std::string words() {
  std::string text;
  for (const Kind& kind : kinds())
    for (const std::string_view word : kind.words)
      fmt::format_to(std::back_inserter(text), "{}\t{}.bachsim\t{}\t{}\n", kind.name, kind.vscode, word,
                     fmt::format(fmt::runtime(kind.before), word));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 3 ? argv[1] : "";
  if (wanted != "vim" && wanted != "vscode" && wanted != "words") {
    std::cerr << "usage: syntax vim|vscode|words FILE\n";
    return 2;
  }
  std::ofstream file(argv[2]);
  file << (wanted == "vim" ? vim() : wanted == "vscode" ? vscode() : words());
  return file.flush() ? 0 : 1;
}
