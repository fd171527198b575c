//! `join!`, `try_join!` and `select!`: a list of futures made into the tuple that `tuple` runs.
//!
//! Neighbours: `tuple` does the work; nothing here polls.

/// Runs two to eight futures at once, in this task, waits for all, and gives the tuple of their outputs.
///
/// ```
/// # executor::block_on(async {
/// let (one, two, three) = executor::join!(async { 1 }, async { "two" }, async { 3.0 });
/// assert_eq!((one, two, three), (1, "two", 3.0));
/// # });
/// ```
///
/// For futures in a collection there is [`join_all`](crate::join_all), for tasks
/// [`JoinSet`](crate::JoinSet).
#[macro_export]
macro_rules! join {
    ($($future:expr),+ $(,)?) => { $crate::future::Futures::all(($($future,)+)).await };
}

/// Runs two to eight futures at once, in this task, until all have come out well, or one has failed.
///
/// ```
/// # executor::block_on(async {
/// let both = executor::try_join!(async { "6".parse::<u32>() }, async { "x".parse::<u32>() });
/// assert!(both.is_err());
/// # });
/// ```
#[macro_export]
macro_rules! try_join {
    ($($future:expr),+ $(,)?) => { $crate::future::TryFutures::try_all(($($future,)+)).await };
}

/// Runs two to eight futures at once, in this task, until one is over; then its arm runs, and the others
/// are dropped where they wait.
///
/// ```
/// # executor::block_on(async {
/// # use std::time::Duration;
/// let mut ticks = 0;
/// let mut tick = executor::time::interval(Duration::from_millis(1));
/// loop {
///     executor::select! {
///         _ = tick.tick() => ticks += 1,
///         _ = executor::time::sleep(Duration::from_secs(60)) => panic!("too late"),
///     }
///     if ticks == 3 {
///         break;
///     }
/// }
/// # });
/// ```
///
/// Fair: where several are ready, which of them wins changes from call to call. With `biased;` in
/// front, the order in which they are written decides.
///
/// Arms are ordinary expressions: `break`, `return`, `?` and `.await` mean what they mean around it.
/// What a dropped future had half done is lost, unless it is cancel safe; in a loop, pin such a future
/// outside and select on `&mut` it.
#[macro_export]
macro_rules! select {
    (@ $order:ident [$($places:ident)*] [$($futures:expr,)*] [$($arms:tt)*]) => {
        match $crate::future::Futures::first(($($futures,)*), $crate::future::Order::$order).await {
            $($arms)*
        }
    };
    // The first arm that is left takes the first place that is left.
    (@ $order:ident [$place:ident $($places:ident)*] [$($futures:expr,)*] [$($arms:tt)*]
        $pattern:pat = $future:expr => $body:expr, $($rest:tt)*
    ) => {
        $crate::select!(@ $order [$($places)*] [$($futures,)* $future,]
            [$($arms)* $crate::future::OneOf::$place($pattern) => $body,] $($rest)*)
    };
    (biased; $($pattern:pat = $future:expr => $body:expr),+ $(,)?) => {
        $crate::select!(@ Biased [First Second Third Fourth Fifth Sixth Seventh Eighth] [] []
            $($pattern = $future => $body,)+)
    };
    ($($pattern:pat = $future:expr => $body:expr),+ $(,)?) => {
        $crate::select!(@ Fair [First Second Third Fourth Fifth Sixth Seventh Eighth] [] []
            $($pattern = $future => $body,)+)
    };
}
