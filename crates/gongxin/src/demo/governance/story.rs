//! Telling the story: chapters, steps and what holds; to people in sentences, to programs one JSON object per line.
//!
//! Nothing is told that was not done, and whatever is said to hold was compared: what does not hold ends the story.

use console::style;
use serde_json::{Value, json};

use super::pause::Pause;
use super::proof::{self, Proven};
use super::tool::{self, Tool};
use super::watch::Watch;
use super::words::Chapter;
use crate::demo::children::Children;
use crate::demo::talk::Talk;
use crate::failure::Failure;
use crate::files;
use crate::setup::Layout;

/// The network file as it was on the first day: all that receipts are verified with.
pub(super) const FIRST_DAY: &str = "first-day.json";
/// Where receipts go.
pub(super) const RECEIPTS: &str = "receipts";

/// Letters of a command in one line: what a terminal of 100 columns holds beside the margin.
const COLUMNS: usize = 90;
/// What holds of an act that took effect.
const RECEIPT: &str = "its receipt verifies offline";
/// What holds of one that was refused.
pub(super) const REFUSAL: &str = "the refusal's receipt verifies offline";

/// The story as far as it was told.
pub(super) struct Story<'a> {
    pub(super) children: &'a mut Children,
    pub(super) layout: Layout,
    pub(super) watch: Watch,
    tool: Tool,
    talk: &'a Talk,
    pause: Pause,
    chapters: usize,
    checks: usize,
    receipts: Vec<String>,
}

/// What was counted.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    pub(super) chapters: usize,
    pub(super) checks: usize,
    pub(super) receipts: usize,
}

impl<'a> Story<'a> {
    /// Nothing told yet.
    pub(super) fn new(children: &'a mut Children, layout: Layout, tool: Tool, talk: &'a Talk, pause: Pause) -> Self {
        let watch = Watch::new(tool.clone());
        Self { children, layout, watch, tool, talk, pause, chapters: 0, checks: 0, receipts: Vec::new() }
    }

    /// The network's folder, where the commands stand.
    pub(super) fn directory(&self) -> &std::path::Path {
        self.tool.directory()
    }

    /// Where to say what is said besides.
    pub(super) fn talk(&self) -> &'a Talk {
        self.talk
    }

    /// What was counted.
    pub(super) fn tally(&self) -> Tally {
        Tally { chapters: self.chapters, checks: self.checks, receipts: self.receipts.len() }
    }

    /// Opens a chapter: what is about to happen, and why it matters.
    pub(super) async fn chapter(&mut self, chapter: &Chapter) {
        self.chapters = self.chapters.saturating_add(1);
        let Chapter { zh, en, what, why } = chapter;
        self.talk.event(&json!({
            "event": "chapter", "number": self.chapters, "zh": zh, "en": en, "what": what, "why": why,
        }));
        let heading = format!("{} {zh} · {en}", self.chapters);
        self.line(&format!("\n{}\n\n{what}\n{why}", style(heading).bold().underlined()));
    }

    /// A step: one sentence, then a key, then what it says is done.
    pub(super) async fn step(&mut self, words: &str) -> Result<(), Failure> {
        self.talk.event(&json!({ "event": "step", "chapter": self.chapters, "words": words }));
        let waits = if self.pause.waits() { format!("  {}", style("⏎").dim()) } else { String::new() };
        self.line(&format!("\n{} {words}{waits}", style("▪").cyan()));
        self.pause.wait().await
    }

    /// Something that must be so.
    ///
    /// # Errors
    /// When it is not so: the story ends there.
    pub(super) fn holds(&mut self, what: &str, is: bool, facts: &Value) -> Result<(), Failure> {
        if !is {
            let words =
                format_args!("chapter {}: this does not hold: {what} ({})", self.chapters, facts_in_words(facts));
            return Err(Failure::refused(words, Some(facts.clone())));
        }
        self.checks = self.checks.saturating_add(1);
        self.talk.event(&json!({ "event": "holds", "chapter": self.chapters, "what": what, "facts": facts }));
        let facts = facts_in_words(facts);
        let facts = if facts.is_empty() { facts } else { format!(" {}", style(format!("({facts})")).dim()) };
        self.line(&format!("  {} {what}{facts}", style("✓").green().bold()));
        Ok(())
    }

    /// A line that must succeed: shown, done, and what it answers to a program. Whoever is asked next knows of it.
    pub(super) async fn answer(&mut self, line: &str) -> Result<Value, Failure> {
        self.typed(line);
        let answer = self.tool.json(line).await?;
        self.settled(&answer).await?;
        Ok(answer)
    }

    /// An act that must take effect: shown, done, and its receipt verified offline.
    pub(super) async fn act(&mut self, name: &str, line: &str) -> Result<Proven, Failure> {
        let receipt = self.next_receipt(name);
        self.answer(&format!("{line} --receipt {receipt}")).await?;
        self.took_effect(receipt)
    }

    /// The receipt of an act that must have taken effect, verified offline.
    pub(super) fn took_effect(&mut self, receipt: String) -> Result<Proven, Failure> {
        self.proven(receipt, RECEIPT, Proven::allowed)
    }

    /// How an officer has a paper notarised: its digest goes on the ledger, it stays in a file of the officer's. Each has a text
    /// of its own, for nothing is notarised twice.
    pub(super) fn notarising(&self, paper: &str, officer: &str) -> Result<String, Failure> {
        let (file, number) = (format!("{paper}.txt"), self.receipts.len().saturating_add(1));
        let text = format!("文件 {number}: {paper}\nA paper of which only the digest goes on the ledger.\n");
        files::write(&self.directory().join(&file), text.as_bytes())?;
        Ok(format!("evidence notarise {file} --legal-basis electronic-signature-law-art-8 --as {officer}"))
    }

    /// An officer has a paper notarised, which must take effect.
    pub(super) async fn notarise(&mut self, paper: &str, officer: &str) -> Result<Proven, Failure> {
        let line = self.notarising(paper, officer)?;
        self.act(paper, &line).await
    }

    /// An act that the ledger must refuse for this reason: shown, done, and the refusal's receipt verified offline.
    pub(super) async fn refused(&mut self, name: &str, line: &str, reason: &str) -> Result<Proven, Failure> {
        let receipt = self.next_receipt(name);
        let line = format!("{line} --receipt {receipt}");
        self.typed(&line);
        let said = self.tool.run(&line, "json").await?;
        let problem = said.problem();
        let details = problem.get("details").cloned().unwrap_or_default();
        self.quoted(&format!("gongxin: {}", tool::error(&problem)));
        let code = details.get("code").and_then(Value::as_str).unwrap_or("none");
        if said.code != Some(1) || code != reason {
            let words = format_args!("`gongxin {line}` was to be refused with `{reason}`: {}", tool::error(&problem));
            return Err(Failure::refused(words, Some(details)));
        }
        self.settled(&details).await?;
        let because = |proven: &Proven| proven.decision.refusal.is_some_and(|refusal| refusal.code() == reason);
        self.proven(receipt, REFUSAL, because)
    }

    /// A call that a gateway must not even take, for this reason: nothing of it is on the ledger.
    pub(super) async fn turned_away(&mut self, line: &str, reason: &str) -> Result<Value, Failure> {
        self.typed(line);
        let said = self.tool.run(line, "json").await?;
        let problem = said.problem();
        self.quoted(&format!("gongxin: {}", tool::error(&problem)));
        let code = problem.pointer("/details/code").cloned().unwrap_or_default();
        if said.code != Some(1) || code != reason {
            let words = format_args!("`gongxin {line}` was to be turned away with `{reason}`, not `{code}`");
            return Err(Failure::refused(words, Some(problem)));
        }
        Ok(json!({ "code": code }))
    }

    /// A line whose answer is for people: shown, done, and what it says quoted, from a line on.
    pub(super) async fn reads(&mut self, line: &str) -> Result<String, Failure> {
        self.typed(line);
        let said = self.tool.run(line, "table").await?;
        if said.code != Some(0) {
            return Err(Failure::refused(format_args!("`gongxin {line}`: {}", said.err.trim()), None));
        }
        Ok(said.out)
    }

    /// Lines of what a command said.
    pub(super) fn quoted(&self, words: &str) {
        self.talk.event(&json!({ "event": "said", "words": words }));
        for line in words.lines() {
            self.line(&format!("    {line}"));
        }
    }

    /// A command, as a person would type it.
    pub(super) fn typed(&self, line: &str) {
        self.talk.event(&json!({ "event": "command", "line": format!("gongxin {line}") }));
        let words = folded(&format!("gongxin {line}"));
        self.line(&format!("  {} {}", style("$").dim(), style(words).bold()));
    }

    /// A process that was started, for who watches processes.
    pub(super) fn started(&self, name: &str, url: &str) {
        self.talk.event(&json!({ "event": "started", "name": name, "http": url, "pid": self.children.pid(name) }));
    }

    /// Something that a person would do by other means than the program.
    pub(super) fn done_by_hand(&self, what: &str) {
        self.talk.event(&json!({ "event": "by-hand", "what": what }));
        self.line(&format!("  {} {what}", style("#").dim()));
    }

    /// The next receipt's file.
    pub(super) fn next_receipt(&self, name: &str) -> String {
        format!("{RECEIPTS}/{:02}-{name}.json", self.receipts.len().saturating_add(1))
    }

    /// A receipt: verified with the network file of the first day alone, and counted.
    pub(super) fn proven(
        &mut self,
        receipt: String,
        what: &str,
        so: impl Fn(&Proven) -> bool,
    ) -> Result<Proven, Failure> {
        let proven = self.verified(&receipt)?;
        self.talk.event(&json!({ "event": "proven", "receipt": receipt, "proves": proven.facts() }));
        self.holds(what, so(&proven), &json!({ "decision": proven.words() }))?;
        self.receipts.push(receipt);
        Ok(proven)
    }

    /// A receipt of before, verified again.
    pub(super) fn verified(&self, receipt: &str) -> Result<Proven, Failure> {
        proof::of(&self.directory().join(receipt), &self.directory().join(FIRST_DAY))
    }

    /// Every receipt so far, oldest first.
    pub(super) fn receipts(&self) -> &[String] {
        &self.receipts
    }

    fn line(&self, text: &str) {
        self.talk.say(text);
    }
}

/// `block 7, epoch 1`
fn facts_in_words(facts: &Value) -> String {
    let words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = facts.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| match name.as_str() {
        "decision" | "words" => words(value),
        _ => format!("{} {}", name.replace('_', " "), words(value)),
    });
    members.collect::<Vec<_>>().join(", ")
}

/// A command in lines that a terminal holds, as a shell takes them; an option stays with its value.
fn folded(line: &str) -> String {
    let mut lines = vec![String::new()];
    for (place, part) in line.split(" --").enumerate() {
        let part = if place == 0 { part.to_owned() } else { format!("--{part}") };
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(&part),
            Some(last) if last.len().saturating_add(part.len()) < COLUMNS => last.extend([" ", &part]),
            _ => lines.push(part),
        }
    }
    lines.join(" \\\n      ")
}
