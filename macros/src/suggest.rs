//! 'Did you mean': the nearest word among those that would have been right.

/// The word of `known` nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let longest = candidate.chars().count().max(word.chars().count());
            *distance <= (longest / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to say after "no such thing": the nearest word, or all of them.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(word, known.iter().copied()) {
        format!("did you mean `{near}`?")
    } else {
        let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        match all.as_slice() {
            [] => "there is none".to_owned(),
            [one] => format!("there is only {one}"),
            several => format!("there are {}", several.join(", ")),
        }
    }
}

/// The number of letters to insert, delete, replace or swap with a neighbour
/// (optimal string alignment) that lead from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // d[i][j] is the distance between the first i letters of a and j of b.
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(d[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    d[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, hint, nearest};

    #[test]
    fn one_slip_of_the_finger_is_distance_one() {
        for slip in ["liner", "lineear", "linaar", "lienar"] {
            assert_eq!(distance("linear", slip), 1, "{slip}");
        }
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn far_words_are_listed_and_not_suggested() {
        assert_eq!(nearest("attention", ["linear", "learned"]), None);
        assert_eq!(
            hint("attention", &["linear", "learned"]),
            "there are `linear`, `learned`"
        );
        assert_eq!(
            hint("normal", &["Laplace", "Normal"]),
            "did you mean `Normal`?"
        );
    }
}
