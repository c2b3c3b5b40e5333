// review - make a page in which a person marks records as good or bad
//
//   sample -n 100 --json threads.jsonl |
//     pick-answer --profile qa --all-candidates | review > review.html
//   calibrate --marks marks.jsonl interactions.jsonl
//
// The page is one file for a browser, which loads nothing and sends nothing. It
// shows a question and its answer, and takes a mark, a reason, and which of the
// answers the reader would have chosen; confidence and points are not shown, so
// that they cannot influence the reader. The browser keeps the marks; the page
// saves them as JSON lines, for calibrate.

#include <optional>
#include <string>

#include "lib/cli/command_line.h"
#include "lib/cli/record_loop.h"
#include "lib/json/json_file.h"
#include "lib/record/marks_file.h"
#include "lib/report/review_page.h"

int main(int argc, char** argv) {
  return mill::run("review", [&](mill::Program& program) {
    std::optional<std::string> marks_file;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Make a page in which a person marks records as "
                           "good or bad.");
    line.option("marks", "FILE",
                "continue where these marks, saved by the page, end",
                &marks_file);
    stream.define(line);
    line.note(
        "Reads interactions, or examples with an id. Records with the same id, "
        "as pick-answer --all-candidates writes, are shown as one: the reader "
        "judges the first one's answer, and says which of all the answers "
        "should have been chosen.");
    line.note(
        "Keys: g, b and u mark as good, bad and unsure; w says why; 1 to 9 and "
        "0 choose an answer or none; z undoes; s saves. A mark is a line "
        "{\"id\", \"answer_id\", \"mark\", \"why\", \"preferred\"}; mark is "
        "null where there is only a choice or a reason. calibrate reads such "
        "files, and says how well two readers agree.");
    line.note("Holds all records in memory.");
    line.example(
        "pick-answer --all-candidates threads.jsonl | review > review.html");
    line.example("review --marks marks.jsonl rows.jsonl > review.html");
    line.parse(argc, argv);

    mill::ReviewPage page;
    if (marks_file) {
      mill::Marks checked;
      mill::for_each_object(
          *marks_file, [&](mill::JsonValue row, const mill::LineOfFile& mark) {
            mill::add_mark(checked, row, mark);
            page.add_mark(mark.text);
          });
    }
    mill::RecordLoop loop(program, stream);
    loop.run([&](mill::JsonValue record, std::string&) {
      if (auto why = page.add(record)) return mill::Outcome::bad(*why);
      return mill::Outcome::taken();
    });
    loop.out().write(page.html());
    return loop.finish();
  });
}
